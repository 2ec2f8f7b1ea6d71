import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { apart, coloursOf, contrast, type Eyes, eyes, themes } from './colour.ts'

// Not by `?raw`: of a sheet a test sees nothing.
const sheet = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8')
const colours = coloursOf(sheet)
const surfaces = ['bg', 'panel', 'raised']
const meanings = ['money', 'people', 'love', 'attention', 'better', 'worse']
const texts = ['text', 'muted', 'dim', 'accent', ...meanings]

describe.each(themes)('the colors of the %s theme', (theme) => {
  const of = colours[theme]
  const pairs = (names: readonly string[]) =>
    names.flatMap((one, at) => names.slice(at + 1).map((other) => [one, other] as const))
  const colour = (name: string) => of[name] ?? `no --${name}`

  it('[PAGE-15] every text color reads on every surface at 4.5 to 1', () => {
    const weak = texts.flatMap((text) =>
      surfaces.flatMap((surface) => {
        const reached = contrast(colour(text), colour(surface))
        return reached >= 4.5 ? [] : [`${text} on ${surface}: ${reached.toFixed(2)}`]
      }),
    )
    expect(weak).toEqual([])
    expect(contrast(colour('on-accent'), colour('accent'))).toBeGreaterThanOrEqual(4.5)
    for (const surface of ['live', 'gone']) {
      expect(contrast(colour('on-live'), colour(surface)), surface).toBeGreaterThanOrEqual(4.5)
    }
  })

  it('[PAGE-15] lines of the past are visible on a panel at 3 to 1', () => {
    for (const surface of ['bg', 'panel']) {
      expect(contrast(colour('ghost'), colour(surface)), surface).toBeGreaterThanOrEqual(3)
    }
  })

  it.each(Object.keys(eyes) as Eyes[])('[PAGE-15] to %s eyes no two meanings look alike', (who) => {
    const alike = pairs([...meanings, 'ghost']).flatMap(([one, other]) => {
      const distance = apart(who, colour(one), colour(other))
      return distance >= 0.05 ? [] : [`${one} and ${other}: ${distance.toFixed(3)}`]
    })
    expect(alike).toEqual([])
    // These must be distinguishable at a glance.
    expect(apart(who, colour('better'), colour('worse'))).toBeGreaterThanOrEqual(0.065)
    expect(apart(who, colour('money'), colour('people'))).toBeGreaterThanOrEqual(0.095)
  })
})

const sources = import.meta.glob<string>('/src/**/*.svelte', {
  query: '?raw',
  import: 'default',
  eager: true,
})

it('[PAGE-15] type sizes are those of the tokens', () => {
  const others = Object.entries(sources).flatMap(([path, text]) =>
    [...text.matchAll(/(?:font-size|--term-size): ([^;]+);/g)].flatMap(([, size = '']) =>
      // A share of its surroundings, or something between two sizes.
      /^(var\(--(small|body|lead|figure|hero)\)|inherit|[\d.]+em)$/.test(size) ||
      /^(min|max|clamp)\(.*var\(--/.test(size.replaceAll('\n', ''))
        ? []
        : [`${path}: ${size}`],
    ),
  )
  expect(others).toEqual([])
})

it('[PAGE-15] pages take their colors from the tokens', () => {
  const own = Object.entries(sources).flatMap(([path, text]) =>
    // Shadows and backdrops are black in every theme; a code to be scanned and paper are white.
    /QrCode|SummaryPage|\/design\//.test(path)
      ? []
      : (text.match(/#[0-9a-f]{6}\b|light-dark\(/gi) ?? []).map((colour) => `${path}: ${colour}`),
  )
  expect(own).toEqual([])
})
