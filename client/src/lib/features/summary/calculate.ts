import type { LiveEntry } from '@creatorflow/shared/live-state'
import { type MetricId, productMetricIds } from '@creatorflow/shared/metrics'
import type { PresentedLive } from '@creatorflow/shared/present'
import { type Convention, formatCount, formatLength, formatMoney } from '#lib/format.ts'
import { compare } from '#lib/tiles/compare.ts'
import { changeOf } from '#lib/tiles/words.ts'

/** A LIVE with what was paid for it after its end, minor units; null where that is not known. */
export interface Sold {
  readonly live: PresentedLive
  readonly afterEnd: number | null
}

/** What was sold between start and end; with unknown payments after it, what there is in all. */
export function soldDuring({ live, afterEnd }: Sold): number {
  return (live.metrics.gmv?.value ?? 0) - (afterEnd ?? 0)
}

/** "$8,291.40 in 1 h 23 min, 18% more than the last LIVE": what was sold while each was on. */
export function headlineOf(
  sold: Sold,
  /** Null also while it is not known yet. */
  previous: Sold | null,
  isFirst: boolean,
  now: number,
  convention: Convention,
): string {
  const { live } = sold
  const gmv = formatMoney(soldDuring(sold), convention)
  const length = formatLength(live, now)
  // While it is on, a whole LIVE is no measure for it.
  if (live.status !== 'ended') return `${gmv} in ${length} so far`
  const comparison = isFirst ? ', the first LIVE' : comparisonIn(sold, previous, convention)
  return `${gmv} ${sold.afterEnd === null ? 'in all' : `in ${length}`}${comparison}`
}

/** "$439.13 more was paid after the end (2 orders): $7,167.65 in all"; empty where there is nothing to add. */
export function afterEndOf(sold: Sold, orders: number, convention: Convention): string {
  if (!sold.afterEnd) return ''
  const more = formatMoney(sold.afterEnd, convention)
  const count = `${formatCount(orders, convention)} ${orders === 1 ? 'order' : 'orders'}`
  const all = formatMoney(sold.live.metrics.gmv?.value ?? 0, convention)
  return `${more} more was paid after the end (${count}): ${all} in all`
}

function comparisonIn(sold: Sold, previous: Sold | null, convention: Convention): string {
  // The same part of both, or nothing.
  if (!previous || (sold.afterEnd === null) !== (previous.afterEnd === null)) return ''
  const comparison = compare('gmv', soldDuring(sold), soldDuring(previous))
  if (comparison.direction === 'same') return ', as much as the last LIVE'
  if (comparison.reference === 0) return '; the last LIVE sold nothing'
  const growth = changeOf('gmv', comparison, convention)
  if (growth.startsWith('×')) return `, ${growth} the last LIVE`
  return `, ${growth} ${comparison.direction === 'up' ? 'more' : 'less'} than the last LIVE`
}

export interface PinRow {
  readonly id: string
  readonly name: string
  readonly from: number
  readonly to: number
  readonly clicks: number
  /** SKU orders. */
  readonly orders: number
  readonly gmv: number
  /** GMV for each 1,000 impressions of the product while it was pinned; null when none were reported. */
  readonly gpm: number | null
}

/** The pins of a LIVE, those that sold most first. */
export function rankPins(live: LiveEntry, end: number): PinRow[] {
  const rows = live.pin_marks.flatMap((mark, index): PinRow[] => {
    if (mark.product_id === null) return []
    const cells = Object.hasOwn(live.pins, mark.id) ? live.pins[mark.id] : undefined
    const cell = (id: MetricId) => cells?.[productMetricIds.indexOf(id)] ?? 0
    const product = Object.hasOwn(live.products, mark.product_id)
      ? live.products[mark.product_id]
      : undefined
    const impressions = cell('product_impressions')
    const gmv = cell('gmv')
    return [
      {
        id: mark.id,
        name: product?.name ?? mark.product_id,
        from: mark.ts,
        to: Math.max(mark.ts, Math.min(live.pin_marks[index + 1]?.ts ?? end, end)),
        clicks: cell('product_clicks'),
        orders: cell('sku_orders'),
        gmv,
        gpm: impressions > 0 ? (gmv / impressions) * 1_000 : null,
      },
    ]
  })
  return rows.sort((a, b) => b.gmv - a.gmv || b.clicks - a.clicks || a.from - b.from)
}
