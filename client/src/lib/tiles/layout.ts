import type { MetricId } from '@creatorflow/shared/metrics'
import { m } from '#messages'
import { tiles } from './tiles.ts'

/** The first so many tiles are large; the rest stand in one quiet strip. */
export const LARGE_TILES = 4

/** Which tiles are shown, in their order. */
export type Layout = readonly MetricId[]

const known: ReadonlySet<string> = new Set(tiles.map(({ metric }) => metric))

/** Who looks at what: one of these until somebody chooses. */
export const presets = {
  host: {
    name: m.tiles_host(),
    for: m.tiles_what_you_can_act_on_while(),
    shown: [
      'main_orders',
      'viewers_now',
      'ctr',
      'c_o_rate',
      'aov',
      'watch_gpm',
      'average_viewing_duration',
      'product_clicks',
      'likes',
      'comments',
      'shares',
      'follows',
      'diamonds',
    ],
  },
  manager: {
    name: m.tiles_manager(),
    for: m.tiles_what_live_earns(),
    shown: [
      'main_orders',
      'aov',
      'c_o_rate',
      'watch_gpm',
      'viewers_now',
      'ctr',
      'product_clicks',
      'add_to_carts',
      'items_sold',
      'customers',
      'refunds',
      'net_revenue',
    ],
  },
  agency: {
    name: m.tiles_agency(),
    for: m.tiles_what_compares_across_creators(),
    shown: [
      'viewers_now',
      'watch_gpm',
      'c_o_rate',
      'diamonds',
      'main_orders',
      'average_viewers',
      'average_viewing_duration',
      'views',
      'enter_room_rate',
      'follows',
      'likes',
    ],
  },
} as const satisfies Record<string, { name: string; for: string; shown: Layout }>
export type Preset = keyof typeof presets

export const defaultLayout: Layout = presets.host.shown

/** What was stored; what nobody stored, or what no tile is called any more, is left out. */
export function readLayout(stored: string | null): Layout {
  if (stored === null) return defaultLayout
  try {
    const read: unknown = JSON.parse(stored)
    if (!Array.isArray(read)) return defaultLayout
    return [...new Set(read)].filter((one): one is MetricId => known.has(one))
  } catch {
    return defaultLayout
  }
}

/** One place up (−1) or down (1); at an edge it stays. */
export function moved(shown: Layout, metric: MetricId, by: -1 | 1): Layout {
  const from = shown.indexOf(metric)
  const to = from + by
  if (from < 0 || to < 0 || to >= shown.length) return shown
  return shown.with(from, shown[to] as MetricId).with(to, metric)
}

/** Puts it before another one, as a pointer drops it. */
export function placed(shown: Layout, metric: MetricId, before: MetricId): Layout {
  if (metric === before) return shown
  const others = shown.filter((one) => one !== metric)
  const isDown = shown.indexOf(metric) < shown.indexOf(before)
  return others.toSpliced(others.indexOf(before) + (isDown ? 1 : 0), 0, metric)
}

/** Hidden if it is shown; shown, last, if it is hidden. */
export function toggled(shown: Layout, metric: MetricId): Layout {
  return shown.includes(metric) ? shown.filter((one) => one !== metric) : [...shown, metric]
}

/** The preset that a layout is; none once it was changed. */
export function presetOf(shown: Layout): Preset | null {
  const same = ({ shown: other }: { readonly shown: Layout }) =>
    other.length === shown.length && other.every((metric, at) => metric === shown[at])
  return (Object.keys(presets) as Preset[]).find((name) => same(presets[name])) ?? null
}
