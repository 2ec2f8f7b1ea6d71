import { createRawSnippet } from 'svelte'
import { render } from 'svelte/server'
import { describe, expect, it, vi } from 'vitest'
import { loadPanels } from './cockpit/load-panels.ts'
import PanelGrid from './cockpit/PanelGrid.svelte'
import SkeletonPanels from './cockpit/SkeletonPanels.svelte'
import { shortcutOf, shortcuts } from './keys/shortcuts.ts'
import { type Panel, panels } from './panels.ts'
import HomeLink from './ui/HomeLink.svelte'

// The list as it is, with a panel that nobody else knows.
vi.mock('./panels.ts', async (original) => {
  const { panels } = await original<typeof import('./panels.ts')>()
  const toy = {
    id: 'toy',
    title: 'Toys',
    sizes: { cockpit: { row: 'lower', share: 0.5 } },
    needs: 'operate',
    // Any component: what it draws is not looked at.
    load: async () => ({ default: HomeLink }),
    shortcuts: [{ id: 'toy', keys: '9', does: 'Toys', group: 'Page' }],
  }
  return { panels: [...panels, toy] }
})

const all: readonly Panel[] = panels

describe('a panel is one entry of the list', () => {
  it('[PANEL-1] a new panel is loaded, has its place in the grid and its skeleton, and its keys', async () => {
    const loaded = await loadPanels('cockpit', ['read', 'operate'])
    expect(loaded.map(({ id }) => id)).toEqual(all.map(({ id }) => id))
    expect(loaded.at(-1)?.component).toBe(HomeLink)

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

  it('[PANEL-1] a surface draws the panels that have a place there and that the caller may see', async () => {
    const idsOf = async (...of: Parameters<typeof loadPanels>) =>
      (await loadPanels(...of)).map(({ id }) => id)
    expect(await idsOf('cockpit')).not.toContain('toy')
    expect(await idsOf('replay', ['operate'])).not.toContain('toy')
    expect(await idsOf('summary')).toEqual(['funnel', 'products'])
  })

  it('[PANEL-1] each folder of features with a panel of a LIVE has an entry', () => {
    const files = Object.keys(import.meta.glob('/src/lib/features/*/*Panel.svelte'))
    const ids = files.map((file) => file.split('/')[4])
    // Of the pages of settings, not of a LIVE.
    expect(ids.filter((id) => id !== 'sources').sort()).toEqual(
      all
        .map(({ id }) => id)
        .filter((id) => id !== 'toy')
        .sort(),
    )
    expect(new Set(shortcuts.map(({ id }) => id)).size).toBe(shortcuts.length)
  })
})
