import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reuse } from './reuse.ts'

const rowsOf = fc.uniqueArray(
  fc.record({ id: fc.nat(9), words: fc.constantFrom('a', 'b', null) }),
  { selector: ({ id }) => id },
)

describe('reuse', () => {
  it('[SCREEN-7] equal content is the same object, in any order, and nothing else is', () => {
    fc.assert(
      fc.property(rowsOf, rowsOf, (before, next) => {
        const rows = reuse(before, next, ({ id }) => id)
        expect(rows).toEqual(next)
        rows.forEach((row, at) => {
          const held = before.find(({ id }) => id === row.id)
          expect(row).toBe(held?.words === row.words ? held : next[at])
        })
      }),
    )
  })

  it('[SCREEN-7] equal rows are the same list', () => {
    const before = [{ id: 1, words: 'a' }]
    expect(reuse(before, [{ id: 1, words: 'a' }], ({ id }) => id)).toBe(before)
    expect(reuse(before, [], ({ id }) => id)).toEqual([])
  })
})
