import {
  type Happening,
  type LiveDetail,
  type ProductNames,
  productName,
} from '@creatorflow/shared/live-state'
import { isLater } from '@creatorflow/shared/numbered-event'

export interface HappeningRow {
  /** Of the oldest that is gathered in it, so that a row which grows stays the same one. */
  readonly id: string
  readonly ts: number
  readonly type: string
  /** Who did it; null when nobody is known, or several are gathered in the row. */
  readonly userId: string | null
  /** Its picture stands beside it. */
  readonly productId: string | null
  /** The product, gift or other thing that it is about. */
  readonly subject: string | null
  readonly quantity: number
  /** Minor units; null when no money is in it. */
  readonly money: number | null
}

/** Neighbours of these types become one row: ten people who comment are one thing that happens. */
const gathered: ReadonlySet<string> = new Set(['comment', 'follow', 'share', 'subscribe', 'gift'])

/** The newest first. */
export function calculateHappening(
  live: ProductNames & Pick<LiveDetail, 'recent'>,
  limit: number,
): HappeningRow[] {
  const newestFirst = Object.values(live.recent).sort((a, b) => (isLater(a, b) ? -1 : 1))
  const rows: HappeningRow[] = []
  for (const happening of newestFirst) {
    const row = rowOf(happening, live)
    const last = rows.at(-1)
    if (last && gathered.has(row.type) && last.type === row.type && last.subject === row.subject) {
      const userId = last.userId === row.userId ? last.userId : null
      rows[rows.length - 1] = {
        ...last,
        id: row.id,
        userId,
        quantity: last.quantity + row.quantity,
      }
    } else if (rows.length < limit) rows.push(row)
    else break
  }
  return rows
}

function rowOf(happening: Happening, products: ProductNames): HappeningRow {
  const { id, ts, type, user_id, product_id, label, quantity, money } = happening
  const product = product_id === undefined ? undefined : productName(products, product_id)
  return {
    id,
    ts,
    type,
    userId: user_id ?? null,
    productId: product_id ?? null,
    subject: label ?? product ?? product_id ?? null,
    quantity: quantity ?? 1,
    money: money ?? null,
  }
}
