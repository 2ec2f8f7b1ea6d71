import { describe, expect, test } from 'vitest'
import type { Outcome } from '../channels/outcome.ts'
import { afterAttempt, restMs } from './record.ts'

const limits = { attempts: 12, failures: 5 }
const failed = (retryAfterMs?: number): Outcome => ({
  outcome: 'failed',
  status: 500,
  text: null,
  ...(retryAfterMs !== undefined && { retryAfterMs }),
})
const after = (attempts: number, outcome = failed(), ageMs = 0, isTest = false) =>
  afterAttempt({ attempts, outcome, ageMs, isTest }, limits, 1)

describe('after an attempt', () => {
  test('[NOTIFY-3] waits double from 5 seconds to an hour, and the last attempt is the end', () => {
    const waits = Array.from({ length: 12 }, (_, n) => after(n + 1))
    expect(waits.map(({ waitMs }) => waitMs / 1_000)).toEqual([
      5, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600,
    ])
    expect(waits.map(({ state }) => state)).toEqual([...Array(11).fill('waiting'), 'failed'])
    expect(afterAttempt({ attempts: 1, outcome: failed(), ageMs: 0 }, limits, 0).waitMs).toBe(2_500)
  })

  test('[NOTIFY-3] a receiver may ask for more time, up to an hour, and not for less', () => {
    expect(after(1, failed(60_000)).waitMs).toBe(60_000)
    expect(after(4, failed(1_000)).waitMs).toBe(40_000)
    expect(after(1, failed(86_400_000)).waitMs).toBe(3_600_000)
  })

  test('[NOTIFY-3] what is refused, tested or a day old is not tried again', () => {
    expect(after(1, { ...failed(), outcome: 'refused' }).state).toBe('failed')
    expect(after(1, { ...failed(), outcome: 'gone' }).state).toBe('failed')
    expect(after(1, failed(), 0, true).state).toBe('failed')
    expect(after(2, failed(), 86_399_000).state).toBe('failed')
    expect(after(1, { ...failed(), outcome: 'sent' }).state).toBe('sent')
  })

  test('[NOTIFY-3] a target rests after some failures in a row, longer with each', () => {
    const rests = [1, 4, 5, 6, 7, 30].map((failures) => restMs(failures, limits, 1) / 60_000)
    expect(rests).toEqual([0, 0, 1, 2, 4, 60])
  })
})
