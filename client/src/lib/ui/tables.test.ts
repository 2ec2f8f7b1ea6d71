import { expect, it } from 'vitest'

it('[PAGE-7] one component draws every visible table', () => {
  const sources = import.meta.glob<string>('/src/**/*.svelte', {
    query: '?raw',
    import: 'default',
    eager: true,
  })
  const places = Object.entries(sources).flatMap(([path, text]) =>
    /<table(?! class="visually-hidden")/.test(text) ? [path.replace('/src/lib/', '')] : [],
  )
  // A heat map is a grid of buttons navigated with arrow keys.
  expect(places.sort()).toEqual(['ui/HeatGrid.svelte', 'ui/TableFrame.svelte'])
})
