import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultLayout, moved, placed, presetOf, presets, readLayout, toggled } from './layout.ts'
import { tiles } from './tiles.ts'

const every = tiles.map(({ metric }) => metric)

describe('the choice of tiles', () => {
  it('[PAGE-3] is read as it was stored, and what is not understood is left out', () => {
    expect(readLayout(null)).toBe(defaultLayout)
    for (const broken of ['', '{', '{"a":1}', '7', 'null']) {
      expect(readLayout(broken), broken).toBe(defaultLayout)
    }
    expect(readLayout('["likes","gone",7,"ctr","likes"]')).toEqual(['likes', 'ctr'])
    expect(readLayout('[]')).toEqual([])
    expect(readLayout(JSON.stringify(presets.agency.shown))).toEqual(presets.agency.shown)
  })

  it('[PAGE-3] presets name tiles that there are, once each, and are told apart', () => {
    for (const [name, { shown }] of Object.entries(presets)) {
      expect(
        shown.filter((metric) => !every.includes(metric)),
        name,
      ).toEqual([])
      expect(new Set(shown).size, name).toBe(shown.length)
      expect(presetOf(shown)).toBe(name)
    }
    expect(presetOf(toggled(defaultLayout, 'likes'))).toBeNull()
  })

  it('[PAGE-3] moving keeps all tiles, and one step back undoes one step', () => {
    const shownOf = fc.shuffledSubarray(every, { minLength: 2 })
    fc.assert(
      fc.property(shownOf, fc.nat(), fc.nat(), (shown, one, other) => {
        const metric = shown[one % shown.length] as (typeof shown)[number]
        const target = shown[other % shown.length] as (typeof shown)[number]
        const at = shown.indexOf(metric)
        expect([...moved(shown, metric, 1)].sort()).toEqual([...shown].sort())
        if (at < shown.length - 1) {
          expect(moved(moved(shown, metric, 1), metric, -1)).toEqual(shown)
        } else expect(moved(shown, metric, 1)).toBe(shown)
        const dropped = placed(shown, metric, target)
        expect([...dropped].sort()).toEqual([...shown].sort())
        expect(dropped.indexOf(metric)).toBe(shown.indexOf(target))
      }),
    )
  })

  it('[PAGE-3] a hidden tile comes back last', () => {
    expect(toggled(['likes', 'ctr'], 'likes')).toEqual(['ctr'])
    expect(toggled(['ctr'], 'likes')).toEqual(['ctr', 'likes'])
  })
})
