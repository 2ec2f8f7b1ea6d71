import { emptyLive } from '@creatorflow/shared/fold-live'
import { presentLive } from '@creatorflow/shared/present'
import { describe, expect, it } from 'vitest'
import { afterEndOf, headlineOf, soldDuring } from './calculate.ts'

const start = Date.UTC(2026, 9, 20, 12)
const end = start + 83 * 60_000
const convention = { locale: 'en', currency: 'USD', timeZone: 'UTC' }

function liveWith(gmv: number, ended_at: number | null = end) {
  const live = emptyLive('a', start)
  return presentLive({ ...live, ended_at, last_at: end, totals: { gmv } }, end + 1_000)
}

describe('a summary', () => {
  it('[PAST-9] its headline says what was sold, in what time, and how that compares', () => {
    const said = (gmv: number, before: number | null, isFirst = false) =>
      headlineOf(
        { live: liveWith(gmv), afterEnd: 0 },
        before === null ? null : { live: liveWith(before), afterEnd: 0 },
        isFirst,
        end + 1_000,
        convention,
      )
    expect(said(829_140, 702_661)).toBe('$8,291.40 in 1 h 23 min, 18% more than the last LIVE')
    expect(said(500, 1_000)).toBe('$5.00 in 1 h 23 min, 50% less than the last LIVE')
    expect(said(500, 500)).toBe('$5.00 in 1 h 23 min, the same as the last LIVE')
    expect(said(500, 0)).toBe('$5.00 in 1 h 23 min; the last LIVE had no sales')
    expect(said(5_000, 100)).toBe('$50.00 in 1 h 23 min, ×50 the last LIVE')
    expect(said(500, null, true)).toBe('$5.00 in 1 h 23 min, your first LIVE')
    // Until the one before is read.
    expect(said(500, null)).toBe('$5.00 in 1 h 23 min')
    const running = { live: liveWith(500, null), afterEnd: 0 }
    const ended = { live: liveWith(100), afterEnd: 0 }
    expect(headlineOf(running, ended, false, end, convention)).toBe('$5.00 in 1 h 23 min so far')
  })

  it('[PAST-9] sales during the LIVE and payments after it are separate and add up', () => {
    const said = (
      gmv: number,
      afterEnd: number | null,
      before: number,
      beforeAfter: number | null,
    ) =>
      headlineOf(
        { live: liveWith(gmv), afterEnd },
        { live: liveWith(before), afterEnd: beforeAfter },
        false,
        end,
        convention,
      )
    expect(said(716_765, 43_913, 900_000, 450_000)).toBe(
      '$6,728.52 in 1 h 23 min, 50% more than the last LIVE',
    )
    // Where it is not known of both what came after, nothing is compared.
    expect(said(716_765, null, 900_000, 0)).toBe('$7,167.65 in total')
    expect(said(716_765, 43_913, 900_000, null)).toBe('$6,728.52 in 1 h 23 min')
    const sold = { live: liveWith(716_765), afterEnd: 43_913 }
    expect(soldDuring(sold) + sold.afterEnd).toBe(716_765)
    expect(afterEndOf(sold, 2, convention)).toBe(
      '$439.13 more was paid after the end (2 orders): $7,167.65 in total',
    )
    expect(afterEndOf({ ...sold, afterEnd: 0 }, 0, convention)).toBe('')
  })
})
