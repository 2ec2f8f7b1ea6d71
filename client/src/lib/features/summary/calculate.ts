import type { LiveEntry } from '@creatorflow/shared/live-state'
import { type MetricId, productMetricIds } from '@creatorflow/shared/metrics'
import type { PresentedLive } from '@creatorflow/shared/present'
import { type Convention, formatGrowth, formatMoney, formatSpan } from '#lib/format.ts'
import { changeOf } from '#lib/past/changes.ts'

/** What a LIVE came to, in reading order. */
export const summaryMetrics = [
  'gmv',
  'net_revenue',
  'main_orders',
  'items_sold',
  'aov',
  'views',
  'peak_viewers',
  'average_viewers',
  'average_viewing_duration',
  'ctr',
  'c_o_rate',
  'watch_gpm',
  'diamonds',
  'likes',
  'comments',
  'shares',
  'follows',
  'customers',
] as const satisfies readonly MetricId[]

/** "$8,291.40 in 1 h 23 min, 18% more than the last LIVE". */
export function headlineOf(
  live: PresentedLive,
  /** Null also while it is not known yet. */
  previous: PresentedLive | null,
  isFirst: boolean,
  convention: Convention,
): string {
  const gmv = formatMoney(live.metrics.gmv?.value ?? 0, convention)
  const length = live.seconds === null ? '' : ` in ${formatSpan(live.seconds)}`
  const comparison = isFirst ? ', the first LIVE' : comparisonOf(live, previous, convention)
  // While it is on, a whole LIVE is no measure for it.
  return `${gmv}${length}${live.status === 'ended' ? comparison : ' so far'}`
}

function comparisonOf(
  live: PresentedLive,
  previous: PresentedLive | null,
  convention: Convention,
): string {
  if (!previous) return ''
  const change = changeOf('gmv', live.metrics, previous.metrics)
  if (!change || change.difference === 0) return ', as much as the last LIVE'
  if (change.ratio === null) return '; the last LIVE sold nothing'
  const growth = formatGrowth(change.ratio, convention, false)
  if (growth.startsWith('×')) return `, ${growth} the last LIVE`
  return `, ${growth} ${change.difference > 0 ? 'more' : 'less'} than the last LIVE`
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
