import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { burnOf, clicksRise, observe, type Sample, type Seen } from './burn-rate.ts'

const MINUTE = 60_000
const sample = (minute: number, sold: number, stock: number | null = null, clicks = 0): Sample => ({
  at: minute * MINUTE,
  sold,
  clicks,
  stock,
})
const seenOf = (samples: readonly Sample[]) =>
  samples.reduce<Seen>((seen, mug) => observe(seen, { mug }), {}).mug
const burn = (samples: readonly Sample[], minute = samples.at(-1)?.at ?? 0) =>
  burnOf(seenOf(samples), minute)

describe('burn rate', () => {
  it('[COMPARE-7] sales since the page was opened give the time until sold out', () => {
    const samples = [sample(0, 10, 20), sample(2, 14, 16), sample(4, 18, 12)]
    expect(burn(samples)).toEqual({ units: 8, minutes: 4, goneInMinutes: 6 })
  })

  it('[COMPARE-7] says nothing for few sales, a short time, or unreported stock', () => {
    expect(burn([sample(0, 0, 9), sample(5, 2, 7)])).toBeNull()
    expect(burn([sample(0, 0, 9), sample(1, 5, 4)])).toBeNull()
    expect(burn([sample(0, 0), sample(5, 5)])?.goneInMinutes).toBeNull()
    expect(burn([])).toBeNull()
  })

  it('[COMPARE-7] a refill or a correction starts over', () => {
    const refilled = [sample(0, 0, 9), sample(3, 6, 3), sample(4, 7, 50)]
    expect(burn(refilled)).toBeNull()
    expect(burn([...refilled, sample(6, 12, 45)])).toEqual({
      units: 5,
      minutes: 2,
      goneInMinutes: 18,
    })
    expect(burn([sample(0, 9), sample(3, 5)])).toBeNull()
  })

  it('[COMPARE-7] sales older than ten minutes, or from before a sleep, are not recent', () => {
    const steady = Array.from({ length: 31 }, (_, at) => sample(at, at < 20 ? at * 10 : 200 + at))
    expect(burn(steady)).toMatchObject({ units: 10, minutes: 10 })
    expect(burn([sample(0, 0, 9), sample(5, 5, 4)], 6.5 * MINUTE)).toBeNull()
  })

  it('[COMPARE-7] memory is bounded, and the rate is never negative', () => {
    const looks = fc.array(
      fc.record({
        wait: fc.integer({ min: 0, max: 90_000 }),
        sold: fc.integer({ min: -3, max: 9 }),
        stock: fc.option(fc.integer({ min: -2, max: 50 })),
      }),
      { maxLength: 300 },
    )
    fc.assert(
      fc.property(looks, (steps) => {
        let [at, sold, seen] = [0, 0, {} as Seen]
        for (const { wait, sold: more, stock } of steps) {
          at += wait
          sold += more
          seen = observe(seen, { mug: { at, sold, clicks: 0, stock } })
          const known = burnOf(seen.mug, at)
          if (!known) continue
          expect(known.units).toBeGreaterThanOrEqual(3)
          expect(known.goneInMinutes ?? 0).toBeGreaterThanOrEqual(0)
        }
        expect(seen.mug?.length ?? 0).toBeLessThanOrEqual(43)
      }),
    )
  })

  it('[COMPARE-7] clicks rise when the later half has clearly more of them', () => {
    const clicks = (...counts: number[]) =>
      seenOf(counts.map((count, at) => sample(at, 0, null, count)))
    expect(clicksRise(clicks(0, 10, 20, 40, 60), 4 * MINUTE)).toBe(true)
    expect(clicksRise(clicks(0, 10, 20, 30, 40), 4 * MINUTE)).toBe(false)
    expect(clicksRise(clicks(0, 0, 0, 1, 2), 4 * MINUTE)).toBe(false)
    expect(clicksRise(clicks(0, 10), MINUTE)).toBeNull()
  })
})
