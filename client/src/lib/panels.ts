import type { Action } from '@creatorflow/shared/endpoint'
import type { Component } from 'svelte'
import type { Shortcut } from '#lib/keys/shortcut.ts'
import { m } from '#messages'

/** Where a panel stands in the grid of a cockpit and of a replay. */
export interface GridPlace {
  readonly row: 'upper' | 'lower'
  /** Of the width of its row, against the others in it. */
  readonly share: number
  /** Where the lower row is broken in two, it has a line of its own. */
  readonly whole?: true
}

/** Where a panel stands in a summary, with its least and greatest height in pixels. */
export interface SummaryPlace {
  readonly side: 'left' | 'right'
  readonly atLeast?: number
  readonly atMost?: number
}

/** One panel of a LIVE: the grids, their skeleton and the keyboard read this. It reads its LIVE from the context. */
export interface Panel {
  readonly id: string
  readonly title: string
  /** The title in a word or two, where a phone has a row of them. */
  readonly short: string
  readonly sizes: {
    readonly cockpit?: GridPlace
    readonly replay?: GridPlace
    readonly summary?: SummaryPlace
  }
  /** What one must be allowed to do to the creator to see it. */
  readonly needs: Action
  readonly load: () => Promise<{ readonly default: Component }>
  readonly shortcuts?: readonly Shortcut[]
}

const grid = (place: GridPlace) => ({ cockpit: place, replay: place })

/** Every panel, in the order in which it is drawn. */
export const panels = [
  {
    id: 'gmv',
    title: m.app_gmv_per_minute_and_viewers(),
    short: m.app_by_minute(),
    sizes: grid({ row: 'upper', share: 2.35 }),
    needs: 'read',
    load: () => import('#lib/features/gmv/GmvPanel.svelte'),
    shortcuts: [{ id: 'note', keys: 'n', does: m.app_add_note_now(), group: 'Happening' }],
  },
  {
    id: 'funnel',
    title: m.app_funnel(),
    short: m.app_funnel(),
    // Rates stand between the bars, so it needs some height.
    sizes: { ...grid({ row: 'upper', share: 1 }), summary: { side: 'right', atLeast: 350 } },
    needs: 'read',
    load: () => import('#lib/features/funnel/FunnelPanel.svelte'),
  },
  {
    id: 'products',
    title: m.app_products_and_pins(),
    short: m.app_products(),
    sizes: {
      ...grid({ row: 'lower', share: 1.45, whole: true }),
      summary: { side: 'left', atMost: 520 },
    },
    needs: 'read',
    load: () => import('#lib/features/products/ProductsPanel.svelte'),
  },
  {
    id: 'heatmap',
    title: m.app_heat_maps(),
    short: m.app_activity(),
    sizes: grid({ row: 'lower', share: 1 }),
    needs: 'read',
    load: () => import('#lib/features/heatmap/HeatMapPanel.svelte'),
  },
  {
    id: 'crowd',
    title: m.app_people(),
    short: m.app_people(),
    sizes: grid({ row: 'lower', share: 0.8 }),
    needs: 'read',
    load: () => import('#lib/features/crowd/CrowdPanel.svelte'),
    shortcuts: [
      { id: 'happening', keys: '1', does: m.app_what_just_happened(), group: 'Happening' },
      { id: 'orders', keys: '2', does: m.app_latest_orders(), group: 'Happening' },
      { id: 'comments', keys: '3', does: m.app_latest_comments(), group: 'Happening' },
      { id: 'questions', keys: '4', does: m.app_questions(), group: 'Happening' },
      { id: 'gifters', keys: '5', does: m.app_top_gifters(), group: 'Happening' },
      { id: 'buyers', keys: '6', does: m.app_top_buyers(), group: 'Happening' },
    ],
  },
] as const satisfies readonly Panel[]

export type PanelShortcutId = Extract<
  (typeof panels)[number],
  { readonly shortcuts: readonly Shortcut[] }
>['shortcuts'][number]['id']
