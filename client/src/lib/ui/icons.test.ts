import { icons } from '@iconify-json/lucide'
import { expect, it } from 'vitest'
import { iconNames } from './icons.ts'

/** One icon of the package as a symbol: its shapes, without what `Icon.svelte` sets for all. */
function symbolOf(name: string): string {
  const body = icons.icons[name]?.body ?? `no ${name}`
  const shapes = body.replaceAll(
    / (fill|stroke|stroke-width|stroke-linecap|stroke-linejoin)="[^"]*"/g,
    '',
  )
  return `<symbol id="${name}" viewBox="0 0 24 24">${shapes}</symbol>\n`
}

// `npm test -- client/src/lib/ui/icons.test.ts -u` regenerates it.
it('[PAGE-15] icons.svg has exactly the listed icons, as Lucide draws them', async () => {
  const symbols = [...iconNames].sort().map(symbolOf).join('')
  await expect(
    `<!-- Lucide, https://lucide.dev, ISC License. Drawn by icons.test.ts. -->\n<svg xmlns="http://www.w3.org/2000/svg">\n${symbols}</svg>\n`,
  ).toMatchFileSnapshot('icons.svg')
})
