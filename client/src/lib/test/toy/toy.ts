import type { Page } from '#lib/pages.ts'
import type { Panel } from '#lib/panels.ts'

/** A panel of every surface, for whoever operates the creator. */
export const toyPanel: Panel = {
  id: 'toy',
  title: 'Toys',
  short: 'Toys',
  sizes: {
    cockpit: { row: 'lower', share: 0.5 },
    replay: { row: 'upper', share: 0.5 },
    summary: { side: 'left' },
  },
  needs: 'operate',
  load: () => import('./ToyPanel.svelte'),
  shortcuts: [{ id: 'toy', keys: '9', does: 'Toys', group: 'Page' }],
}

/** A page in each place that lists pages. */
export const toyPages: readonly Page[] = [
  { path: '/c/[creator]/toy', name: 'Toy box', group: 'creator', access: 'operate' },
  { path: '/settings/toy', name: 'Toy rules', group: 'settings', access: 'owner' },
  { path: '/toys', name: 'All toys', group: 'menu', access: 'manager' },
]
