import { emptyLive } from '@creatorflow/shared/fold-live'
import { presentLive } from '@creatorflow/shared/present'
import { createRawSnippet } from 'svelte'
import { render } from 'svelte/server'
import { describe, expect, it, vi } from 'vitest'
import { loadPanels } from './cockpit/load-panels.ts'
import PanelGrid from './cockpit/PanelGrid.svelte'
import Panels from './cockpit/Panels.svelte'
import SkeletonPanels from './cockpit/SkeletonPanels.svelte'
import SummaryPage from './features/summary/SummaryPage.svelte'
import { shortcutOf, shortcuts } from './keys/shortcuts.ts'
import { type Panel, panels } from './panels.ts'
import ToyPanel from './test/toy/ToyPanel.svelte'

// The real list, plus a panel unknown elsewhere.
vi.mock('./panels.ts', async (original) => {
  const { panels } = await original<typeof import('./panels.ts')>()
  const { toyPanel } = await import('./test/toy/toy.ts')
  return { panels: [...panels, toyPanel] }
})

const all: readonly Panel[] = panels

describe('a panel is one entry of the list', () => {
  it('[PAGE-7] a new panel is loaded, has its place in the grid and its skeleton, and its keys', async () => {
    const loaded = await loadPanels('cockpit', ['read', 'operate'])
    expect(loaded.map(({ id }) => id)).toEqual(all.map(({ id }) => id))
    expect(loaded.at(-1)?.component).toBe(ToyPanel)

    const panel = createRawSnippet<[Panel]>((one) => ({
      render: () => `<i>${one().title}</i>`,
    }))
    const grid = render(PanelGrid, { props: { panels: loaded, surface: 'cockpit', panel } }).body
    expect(grid).toMatch(/data-panel="toy"[^>]*>(<!--.*?-->)*<i>Toys<\/i>/)
    expect(grid).toContain('minmax(0, 0.8fr) minmax(0, 0.5fr)')
    expect(render(SkeletonPanels).body).toContain('data-panel="toy"')

    const press = { key: '9', ctrlKey: false, metaKey: false, altKey: false, repeat: false }
    const where = { isComposing: false, inField: false, onControl: false, inDialog: false }
    expect(shortcutOf({ ...press, ...where }, false)).toBe('toy')
  })

  it('[PAGE-7] it reads its LIVE on every surface with no other edit', async () => {
    const start = Date.UTC(2026, 9, 20, 12)
    const entry = { ...emptyLive('a-live', start), ended_at: start + 60_000, totals: { likes: 7 } }
    const live = presentLive(entry, start + 120_000)
    const creator = { id: 'a', name: 'A', currency: 'USD', time_zone: 'UTC', locale: 'en' } as never
    const shown = {
      creatorId: 'a',
      live,
      detail: entry,
      totals: entry.totals,
      stock: {},
      now: start + 120_000,
      convention: { locale: 'en', currency: 'USD', timeZone: 'UTC' },
      trusted: true,
      baseline: null,
    }
    const toyOf = async (surface: 'cockpit' | 'replay' | 'summary') =>
      (await loadPanels(surface, ['read', 'operate'])).filter(({ id }) => id === 'toy')
    for (const surface of ['cockpit', 'replay'] as const) {
      const props = { ...shown, surface, panels: await toyOf(surface) }
      const { body } = render(Panels, { props })
      expect(body).toContain(`${surface} of 7 likes`)
      expect(body).toContain('a-live')
    }
    const summary = {
      live: entry,
      previous: null,
      since_end: null,
      gifts: [],
      unknown: null,
      recounting: null,
    }
    const { body } = render(SummaryPage, {
      props: { creator, summary, panels: await toyOf('summary') },
    })
    expect(body).toMatch(/data-panel="toy"/)
    expect(body).toContain('summary of 7 likes')
  })

  it('[PAGE-7] a surface draws the panels that have a place there and that the caller may see', async () => {
    const idsOf = async (...of: Parameters<typeof loadPanels>) =>
      (await loadPanels(...of)).map(({ id }) => id)
    expect(await idsOf('cockpit')).not.toContain('toy')
    expect(await idsOf('replay', ['operate'])).toContain('toy')
    expect(await idsOf('summary')).toEqual(['funnel', 'products'])
    expect(await idsOf('summary', ['read', 'operate'])).toEqual(['funnel', 'products', 'toy'])
    // Heat maps have no place in a summary.
    expect(await idsOf('summary', ['read', 'operate'])).not.toContain('heatmap')
  })

  it('[PAGE-7] each folder of features with a panel of a LIVE has an entry', () => {
    const files = Object.keys(import.meta.glob('/src/lib/features/*/*Panel.svelte'))
    const ids = files.map((file) => file.split('/')[4])
    // Settings panels, not panels of a LIVE.
    const ofLive = ids.filter((id) => id !== 'sources' && id !== 'notifications')
    expect(ofLive.sort()).toEqual(
      all
        .map(({ id }) => id)
        .filter((id) => id !== 'toy')
        .sort(),
    )
    expect(new Set(shortcuts.map(({ id }) => id)).size).toBe(shortcuts.length)
  })
})
