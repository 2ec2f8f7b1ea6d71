import type { Changes } from '../changes.ts'
import { rowOf } from '../live-state.ts'
import type { MetricId } from '../metrics.ts'
import { own } from '../own.ts'
import type { Reads } from './kind.ts'
import { keyOf } from './subject.ts'
import type { LiveView, View } from './view.ts'

/** How much of a rule a look has to measure: nothing, the subjects that changed, or everything. */
export type Due = 'nothing' | 'changed' | 'all'

type Tree = Readonly<Record<string, unknown>>

/** What is due of a condition that reads this, if everything else is as it was when all of it was measured. */
export function dueOf(
  { totals = [], minutes = [], products = [], parts = [], stock }: Reads,
  view: Pick<View, 'lives'>,
  changes: Changes,
  isNewMinute: boolean,
): Due {
  if (isNewMinute && minutes.length > 0) return 'all'
  let due: Due = 'nothing'
  if (stock && changes.stock) {
    // Nothing is left of a product whose stock is gone, so its episode has to be ended.
    if (Object.values(changes.stock).includes(null)) return 'all'
    due = 'changed'
  }
  if (!changes.lives) return due
  for (const { session_id, live } of view.lives) {
    // Presented, from parts that are not told apart here.
    if (live.uncounted && totals.length > 0) return 'all'
    const changed = own(changes.lives, session_id) as Tree | null | undefined
    if (changed === undefined) continue
    if (changed === null || Object.hasOwn(changed, 'session_id')) return 'all'
    if (hasAny(changed.totals, totals) || hasAny(changed.minutes, minutes)) return 'all'
    if (products.length === 0 && parts.some((part) => Object.hasOwn(changed, part))) return 'all'
    if (hasAny(changed.products, products) || (products.length > 0 && changed.product_rows)) {
      due = 'changed'
    }
  }
  return due
}

const hasAny = (columns: unknown, metrics: readonly MetricId[]): boolean =>
  columns !== undefined && metrics.some((id) => Object.hasOwn(columns as Tree, id))

/** Of products of a LIVE those of which something changed; all of them where that is not known. */
export function changedProducts(
  ids: readonly string[],
  { changes, unsettled }: View,
  { session_id, live }: LiveView,
  { products = [], stock }: Reads,
): readonly string[] {
  if (!changes) return ids
  const changed = changes.lives && (own(changes.lives, session_id) as Tree | undefined)
  const columns = changed?.products as Readonly<Record<string, object>> | undefined
  const cells = products.flatMap((id): object[] => {
    const cell = columns && own(columns, id)
    return cell ? [cell] : []
  })
  const added = changed?.product_rows as Tree | undefined
  const left = stock && changes.stock
  return ids.filter((id) => {
    if (unsettled?.has(keyOf({ session_id, subject: id }))) return true
    if (left && Object.hasOwn(left, id)) return true
    if (added && Object.hasOwn(added, id)) return true
    const row = String(rowOf(live.product_rows, id))
    return cells.some((one) => Object.hasOwn(one, row))
  })
}
