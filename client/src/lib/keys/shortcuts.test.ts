import { describe, expect, it } from 'vitest'
import { keysShown, type Press, shortcutOf, shortcuts } from './shortcuts.ts'

const press = (key: string, more: Partial<Press> = {}): Press => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  repeat: false,
  isComposing: false,
  inField: false,
  onControl: false,
  inDialog: false,
  ...more,
})

describe('shortcuts', () => {
  it('[PAGE-6] each has a unique id and keys, and is found by them', () => {
    expect(new Set(shortcuts.map(({ id }) => id)).size).toBe(shortcuts.length)
    expect(new Set(shortcuts.map(({ keys }) => keys)).size).toBe(shortcuts.length)
    for (const { id, keys } of shortcuts) {
      const [last = '', mod] = keys.split('+').reverse()
      expect(shortcutOf(press(last, { ctrlKey: mod === 'Mod' }), false)).toBe(id)
    }
  })

  it('[PAGE-6] no other code listens to page-wide keys', () => {
    const sources = import.meta.glob<string>('/src/**/*.{svelte,ts}', {
      query: '?raw',
      import: 'default',
      eager: true,
    })
    const listens = /<svelte:(window|document|body)[^>]*onkey|addEventListener\(\s*'key/
    const places = Object.entries(sources).flatMap(([path, text]) =>
      listens.test(text) ? [path.replace('/src/lib/', '')] : [],
    )
    // Any key counts as activity, and Escape closes an explanation that has no focus.
    expect(places.sort()).toEqual([
      'keys/Keys.svelte',
      'release/NewRelease.svelte',
      'ui/Explained.svelte',
    ])
  })

  it('[PAGE-6] none fires while someone types, in a dialog, when held down, or with a browser modifier', () => {
    for (const more of [
      { inField: true },
      { inDialog: true },
      { repeat: true },
      { isComposing: true },
      { altKey: true },
      { ctrlKey: true },
      { metaKey: true },
    ])
      expect(shortcutOf(press('s', more), false), JSON.stringify(more)).toBeUndefined()
    expect(shortcutOf(press('S'), false)).toBeUndefined()
    expect(shortcutOf(press(' ', { onControl: true }), false)).toBeUndefined()
  })

  it('[PAGE-6] single keys can be turned off; the palette still opens, even from a field', () => {
    expect(shortcutOf(press('s'), true)).toBeUndefined()
    expect(shortcutOf(press('k', { metaKey: true, inField: true }), true)).toBe('palette')
  })

  it('[PAGE-6] are written as on the keyboard', () => {
    expect(keysShown('Mod+k', true)).toEqual(['⌘', 'K'])
    expect(keysShown('Mod+k', false)).toEqual(['Ctrl', 'K'])
    expect(keysShown(' ', false)).toEqual(['Space'])
  })
})
