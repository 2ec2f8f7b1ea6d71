import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { forecast, minutesUntil, PAST_LIVES, type PastCourse, type Present } from './forecast.ts'

const courses = fc.array(
  fc
    .array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 40 })
    .map((added) => added.map((_, at) => added.slice(0, at + 1).reduce((sum, n) => sum + n, 0))),
  { maxLength: 12 },
)
const presents = fc.record({
  value: fc.integer({ min: 0, max: 20_000 }),
  elapsed: fc.record({
    minute: fc.integer({ min: 0, max: 40 }),
    fraction: fc.double({ min: 0, max: 0.999, noNaN: true }),
  }),
  planned: fc.option(fc.integer({ min: 1, max: 60 })),
  ended: fc.constant(false),
})

/** 60 minutes; sales up to minute 30 grew by this factor until the end. */
const grown = (factor: number): number[] =>
  Array.from({ length: 60 }, (_, at) =>
    at < 30 ? 100 : 100 * (1 + (factor - 1) * ((at - 29) / 30)),
  )
const halfway = (more: Partial<Present> = {}): Present => ({
  value: 1_000,
  elapsed: { minute: 29, fraction: 0.5 },
  planned: null,
  ended: false,
  ...more,
})
const past = [1.5, 2, 2, 2.2, 3].map(grown)

describe('the forecast of a LIVE', () => {
  it('[COMPARE-6] takes the middle growth of past LIVEs from this minute on', () => {
    const known = forecast(halfway(), past)
    expect(known).toMatchObject({ basis: 'past', lives: 5 })
    expect(known?.end).toBeCloseTo(2_000)
    // With five LIVEs the tenths are the minimum and the maximum.
    expect(known?.interval?.low).toBeCloseTo(1_500)
    expect(known?.interval?.high).toBeCloseTo(3_000)
  })

  it('[COMPARE-6] with a planned end, past LIVEs count only up to that point', () => {
    expect(forecast(halfway({ planned: 45 }), past)?.end).toBeCloseTo(1_000 * (1 + 16 / 30 / 1), -2)
    expect(forecast(halfway({ planned: 600 }), past)?.end).toBeCloseTo(2_000)
  })

  it('[COMPARE-6] says how many past LIVEs ended inside the interval that the others give', () => {
    // Of five, the outermost two are never inside the interval of the other four.
    expect(forecast(halfway(), past)?.coverage).toEqual({ right: 3, of: 5 })
    const alike = Array.from({ length: 10 }, () => grown(2))
    expect(forecast(halfway(), alike)?.coverage).toEqual({ right: 10, of: 10 })
  })

  it('[COMPARE-6] with few past LIVEs the forecast is a straight line without an interval', () => {
    const few = past.slice(1)
    expect(few).toHaveLength(PAST_LIVES - 1)
    const known = forecast(halfway(), few)
    expect(known).toMatchObject({ basis: 'straight', interval: null, coverage: null, lives: 4 })
    expect(known?.end).toBeCloseTo((1_000 / 29.5) * 60)
    expect(forecast(halfway(), [])).toBeNull()
    expect(forecast(halfway({ planned: 59 }), [])?.end).toBeCloseTo(2_000)
    // LIVEs without sales by then say nothing.
    expect(forecast(halfway(), [...few, new Array(60).fill(0)])?.basis).toBe('straight')
  })

  it('[COMPARE-6] a LIVE that sold next to nothing by then tells nothing', () => {
    const first = grown(2).map((value, minute) => (minute < 29 ? 0 : value))
    const early = halfway({ elapsed: { minute: 29, fraction: 5e-324 } })
    expect(forecast(early, [...past.slice(1), first])?.basis).toBe('straight')
  })

  it('[COMPARE-6] the forecast of a finished LIVE is its total', () => {
    fc.assert(
      fc.property(presents, courses, (present, lives) => {
        const known = forecast({ ...present, ended: true }, lives)
        expect(known).toMatchObject({ basis: 'over', end: present.value })
        expect(known?.interval).toEqual({ low: present.value, high: present.value })
      }),
    )
  })

  it('[COMPARE-6] the interval contains the forecast, and neither is below the current value', () => {
    fc.assert(
      fc.property(presents, courses, (present, lives) => {
        const known = forecast(present, lives)
        if (!known) return
        expect(known.end).toBeGreaterThanOrEqual(present.value - 1e-6)
        if (!known.interval) return
        expect(known.interval.low).toBeGreaterThanOrEqual(present.value - 1e-6)
        expect(known.interval.low).toBeLessThanOrEqual(known.end + 1e-6)
        expect(known.interval.high).toBeGreaterThanOrEqual(known.end - 1e-6)
      }),
    )
  })

  it('[COMPARE-6] more sales so far never lower the forecast', () => {
    fc.assert(
      fc.property(presents, courses, fc.integer({ min: 1, max: 5_000 }), (present, lives, more) => {
        const less = forecast(present, lives)
        const greater = forecast({ ...present, value: present.value + more }, lives)
        expect(greater?.end ?? 0).toBeGreaterThanOrEqual((less?.end ?? 0) - 1e-6)
        expect(greater?.interval?.low ?? 0).toBeGreaterThanOrEqual(
          (less?.interval?.low ?? 0) - 1e-6,
        )
      }),
    )
  })

  it('[COMPARE-6] the goal is reached when the forecast passes it, else never', () => {
    expect(minutesUntil(1_000, halfway(), past)).toBeNull()
    expect(minutesUntil(2_500, halfway(), past)).toBeNull()
    const minutes = minutesUntil(1_500, halfway(), past) ?? 0
    expect(minutes).toBeGreaterThan(13)
    expect(minutes).toBeLessThan(17)
    expect(minutesUntil(1_500, halfway({ planned: 59 }), [])).toBeCloseTo(14.75)
  })

  it('[COMPARE-6] a time is shown only for a goal the forecast reaches, and lies ahead', () => {
    const targets = fc.integer({ min: 1, max: 40_000 })
    fc.assert(
      fc.property(presents, courses, targets, (present, lives: PastCourse[], target) => {
        const minutes = minutesUntil(target, present, lives)
        if (minutes === null) return
        expect(minutes).toBeGreaterThan(0)
        expect(forecast(present, lives)?.end).toBeGreaterThanOrEqual(target)
      }),
    )
  })
})
