import { MINUTE_MS } from '../live-state.ts'

export interface Candidate {
  readonly id: string
  readonly clicks: number
  readonly orders: number
  readonly stock: number | null
  readonly pinnedNow: boolean
  /** When it was last unpinned, epoch ms; null if it was not pinned in this LIVE. */
  readonly unpinnedAt: number | null
  /** Null while the page has not seen enough. */
  readonly rising: boolean | null
}

/** Parts of a reason in order; the screen has the words and digits. */
export type Reason =
  | { readonly kind: 'rising' }
  | { readonly kind: 'rate'; readonly rate: number; readonly all: number }
  | { readonly kind: 'unpinned'; readonly minutes: number | null }
  | { readonly kind: 'stock'; readonly left: number }

export interface Suggestion {
  readonly id: string
  readonly reasons: readonly Reason[]
}

/** Fewer clicks do not show how well a product sells. */
const MIN_CLICKS = 20
/** Fewer are gone before the pin is over. */
const MIN_STOCK = 5
const LATELY_MS = 10 * MINUTE_MS
/** As many clicks at the LIVE's overall rate are added to each product, so few clicks do not lead by chance. */
const PRIOR_CLICKS = 50
const RISING = 1.3
const MOST = 3

/**
 * What to pin next, best first: the most orders expected from clicks. Never the current or a recent pin, a
 * nearly sold-out product, or one with too few clicks. Ties go to more clicks, then by id.
 */
export function pinNext(products: readonly Candidate[], now: number): Suggestion[] {
  const clicks = products.reduce((sum, one) => sum + one.clicks, 0)
  const orders = products.reduce((sum, one) => sum + one.orders, 0)
  const all = clicks > 0 ? orders / clicks : 0
  return products
    .filter((one) => isCandidate(one, now))
    .map((one) => ({ one, score: scoreOf(one, all) }))
    .filter(({ score }) => score > 0)
    .sort(
      (a, b) => b.score - a.score || b.one.clicks - a.one.clicks || (a.one.id < b.one.id ? -1 : 1),
    )
    .slice(0, MOST)
    .map(({ one }) => ({ id: one.id, reasons: reasonsOf(one, all, now) }))
}

function isCandidate({ clicks, stock, pinnedNow, unpinnedAt }: Candidate, now: number): boolean {
  if (pinnedNow || clicks < MIN_CLICKS) return false
  if (stock !== null && stock < MIN_STOCK) return false
  return unpinnedAt === null || now - unpinnedAt >= LATELY_MS
}

function scoreOf({ clicks, orders, rising }: Candidate, all: number): number {
  const rate = (orders + PRIOR_CLICKS * all) / (clicks + PRIOR_CLICKS)
  return rate * (rising ? RISING : 1)
}

function reasonsOf(
  { clicks, orders, stock, unpinnedAt, rising }: Candidate,
  all: number,
  now: number,
): Reason[] {
  const minutes = unpinnedAt === null ? null : Math.floor((now - unpinnedAt) / MINUTE_MS)
  return [
    ...(rising ? [{ kind: 'rising' } as const] : []),
    { kind: 'rate', rate: orders / clicks, all },
    { kind: 'unpinned', minutes },
    ...(stock === null ? [] : [{ kind: 'stock', left: stock } as const]),
  ]
}
