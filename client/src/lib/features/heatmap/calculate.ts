import { countsOf } from '@creatorflow/shared/insights/by-minute'
import { MINUTE_MS, type Minutes } from '@creatorflow/shared/live-state'
import type { MetricId } from '@creatorflow/shared/metrics'
import { type HeatHue, heatLevel } from '#lib/ui/heat.ts'
import { m } from '#messages'

/** What people do in a LIVE, one row each. */
export const activities = [
  { metric: 'main_orders', label: m.heatmap_orders(), hue: 'money' },
  { metric: 'product_clicks', label: m.heatmap_clicks(), hue: 'people' },
  { metric: 'comments', label: m.heatmap_comments(), hue: 'people' },
  { metric: 'likes', label: m.heatmap_likes(), hue: 'love' },
  { metric: 'diamonds', label: m.heatmap_gifts(), hue: 'love' },
  { metric: 'views', label: m.heatmap_joins(), hue: 'people' },
  { metric: 'shares', label: m.heatmap_shares(), hue: 'people' },
] as const satisfies readonly { metric: MetricId; label: string; hue: HeatHue }[]

export const HEAT_MINUTES = 30

export interface HeatMapCell {
  /** Epoch ms of the minute. */
  readonly ts: number
  readonly value: number
  /** 0 for nothing, else 1 to `HEAT_LEVELS`, against the busiest minute of the row. */
  readonly level: number
}

export interface HeatMapRow {
  readonly metric: MetricId
  readonly label: string
  readonly hue: HeatHue
  readonly greatest: number
  readonly cells: readonly HeatMapCell[]
}

/** The last minutes up to `until` (epoch ms), oldest first; each row by its own greatest value. */
export function calculateHeatMap(
  live: Minutes,
  until: number,
  minutes = HEAT_MINUTES,
): HeatMapRow[] {
  const last = Math.floor(until / MINUTE_MS)
  const range = { first: last - minutes + 1, last }
  return activities.map(({ metric, label, hue }) => {
    const values = countsOf(live, metric, range)
    const greatest = Math.max(...values)
    const cells = values.map((value, index) => ({
      ts: (range.first + index) * MINUTE_MS,
      value,
      level: heatLevel(value, greatest),
    }))
    return { metric, label, hue, greatest, cells }
  })
}
