import fc from 'fast-check'
import { expect, test } from 'vitest'
import { growNameless, type StreakReport } from './nameless-streak.ts'

function giftsOf(reports: readonly StreakReport[]): number {
  let remembered: string | undefined
  let gifts = 0
  for (const report of reports) {
    const grown = growNameless(remembered, report)
    expect(grown.grown).toBeGreaterThanOrEqual(0)
    gifts += grown.grown
    remembered = grown.remembered
  }
  return gifts
}

const reports = (...said: string[]) =>
  said.map((text, n) => ({
    ts: 1_800_000_000_000 + n * 1_000,
    quantity: Number.parseInt(text, 10),
    isEnd: text.endsWith('!'),
  }))

test('[COUNT-3] an unnamed streak lasts until its end, and the next is a new one', () => {
  expect(giftsOf(reports('1', '2', '3', '3!'))).toBe(3)
  expect(giftsOf(reports('1', '1!'))).toBe(1)
  expect(giftsOf(reports('1', '2', '2!', '1', '1!', '1', '2', '3', '3!'))).toBe(6)
  expect(giftsOf(reports('1!', '1!'))).toBe(2)
  // Its middle, or its end, is lost.
  expect(giftsOf(reports('1', '7!'))).toBe(7)
  expect(giftsOf(reports('1', '2', '3', '1', '2', '2!'))).toBe(5)
  expect(giftsOf(reports('1', '2', '3'))).toBe(3)
})

test('[COUNT-3] reports of streaks give the same result in any order, as far as they are remembered', () => {
  const streaks = fc.array(
    fc.record({ length: fc.integer({ min: 1, max: 6 }), isEndLost: fc.boolean() }),
    { minLength: 1, maxLength: 8 },
  )
  fc.assert(
    fc.property(
      streaks.chain((given) => {
        const said = given.flatMap(({ length, isEndLost }, n) => {
          const steps = Array.from({ length }, (_, m) => String(m + 1))
          // Without an end, only its smaller total shows the next one.
          const isTold = isEndLost && length > 1 && n < given.length - 1
          return isTold ? steps : [...steps, `${length}!`]
        })
        const total = given.reduce((sum, { length }) => sum + length, 0)
        const all = reports(...said)
        return fc.tuple(
          fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
          fc.constant(total),
        )
      }),
      ([shuffled, total]) => {
        expect(giftsOf(shuffled)).toBe(total)
      },
    ),
  )
})

test('[COUNT-3] reports older than all remembered ones add nothing', () => {
  const long = reports(...Array.from({ length: 100 }, (_, n) => String(n + 1)))
  expect(giftsOf(long)).toBe(100)
  expect(giftsOf([...long, ...reports('9')])).toBe(100)
})
