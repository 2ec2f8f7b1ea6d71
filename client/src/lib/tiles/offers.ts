import type { Baseline } from '@creatorflow/shared/insights/compare'
import { COMPARE_FROM_MINUTE } from '@creatorflow/shared/insights/compare'
import { elapsedOf } from '@creatorflow/shared/insights/elapsed'
import type { MetricId } from '@creatorflow/shared/metrics'
import type { PresentedLive } from '@creatorflow/shared/present'
import type { SourceHeard } from '@creatorflow/shared/socket'
import { typesOfMetric } from '@creatorflow/shared/sources'
import { m } from '#messages'
import type { Area, TileDefinition } from './tiles.ts'

/** What only the one area reports: any of it proves that the area is connected. */
const signs = {
  shop: ['gmv', 'created_orders', 'product_clicks', 'product_impressions', 'add_to_carts'],
  room: ['views', 'viewer_samples', 'likes', 'comments', 'shares', 'follows', 'gifts'],
} as const satisfies Record<Area, readonly MetricId[]>

/** What a newcomer reads instead of numbers that nobody sends. */
export const offers: Readonly<Record<Area, string>> = {
  shop: m.tiles_connect_shop_to_see_gmv_and(),
  room: m.tiles_connect_your_tiktok_to_see_viewers(),
}

interface Known {
  readonly live: PresentedLive
  readonly now: number
  /** Null until it is known: until then nothing is missing. */
  readonly baseline: Baseline | null
  readonly sources: readonly SourceHeard[] | null
}

/** The areas of which nothing comes, came in the last LIVE or will come from a source. */
export function missingAreas({ live, now, baseline, sources }: Known): readonly Area[] {
  if (!baseline || !sources || elapsedOf(live, now).minute < COMPARE_FROM_MINUTE) return []
  const comes = (metric: MetricId) =>
    (live.metrics[metric]?.value ?? 0) > 0 ||
    (baseline.previous?.totals[metric] ?? []).some((value) => (value ?? 0) > 0) ||
    sources.some(({ state, brings }) => {
      const types = typesOfMetric(metric)
      return state !== 'off' && brings.some((type) => types.has(type))
    })
  return (Object.keys(signs) as Area[]).filter((area) => !signs[area].some(comes))
}

/** Whether everything comes that a tile is counted from. */
export function isFed({ from }: TileDefinition, missing: readonly Area[]): boolean {
  return !from.some((area) => missing.includes(area))
}
