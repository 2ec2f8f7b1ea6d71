import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Columns } from './columns.ts'
import { fold } from './fold.ts'
import { seriesEndOf } from './live-span.ts'
import { emptyState, type LiveEntry, type LiveState, MINUTE_MS, stateLimits } from './live-state.ts'
import { shuffle } from './simulator/disorder.ts'
import { at, type Fields, numbered, opening } from './test/numbered-events.ts'

const minute = (n: number) => at + n * MINUTE_MS
const after = (n: number, fields: Fields): Fields => ({ ts: minute(n), ...fields })
const heard = (n: number) => after(n, { type: 'viewer_count', level: 10, units: 10 })
const sold = (n: number, money = 5_000): Fields =>
  after(n, { type: 'payment_completed', attribution: 'time', money, main_order: 1 })

function folded(events: readonly Fields[], state: LiveState = emptyState()): LiveEntry {
  const live = fold(state, numbered(events)).lives.a
  if (!live) throw new Error('the LIVE is not held')
  return live
}

const sumOf = (columns: Columns, metric: 'gmv' | 'likes') =>
  (columns[metric] ?? []).reduce((sum, value) => sum + value, 0)

const soldIn = (live: LiveEntry) => ({
  minutes: sumOf(live.minutes, 'gmv'),
  tens: sumOf(live.tens, 'gmv'),
  totals: live.totals.gmv ?? 0,
})
const all = (money: number) => ({ minutes: money, tens: money, totals: money })

describe('a LIVE that was quiet for a while', () => {
  const start: Fields = { type: 'live_started', attribution: 'session' }
  const end = after(60, { type: 'live_ended', attribution: 'session' })

  test('[TOTAL-3] its minutes include sales during the silence, at once', () => {
    const events = [start, heard(1), sold(20)]
    expect(soldIn(folded(events))).toEqual(all(5_000))
    expect(soldIn(folded([...events, heard(25), end]))).toEqual(all(5_000))
  })

  test.each<[string, Fields[]]>([
    ['a source could not be seen', [after(2, { type: 'source_gap', quantity: 48 * MINUTE_MS })]],
    ['only its orders named it', [after(5, { type: 'order_created', attribution: 'order' })]],
    ['nobody was heard', []],
  ])('[TOTAL-3] its minutes include sales past its span once it continues: %s', (_, quiet) => {
    const ofOrder = { ...sold(45), attribution: 'order' as const }
    const events = [start, heard(1), ...quiet, ofOrder]
    expect(soldIn(folded(events))).toEqual({ minutes: 0, tens: 0, totals: 5_000 })
    expect(soldIn(folded([...events, heard(50), end]))).toEqual(all(5_000))
  })

  test('[TOTAL-3] its minutes include orders that arrived before anything of the LIVE', () => {
    const orders = Array.from({ length: 50 }, (_, n) => sold(n + 1, 100))
    expect(soldIn(folded([...orders, start, heard(1), heard(55), end]))).toEqual(all(5_000))
  })

  test('[TOTAL-3] earlier events enter when the LIVE turns out to have started earlier', () => {
    const early: Fields[] = [
      after(10, { type: 'comment', live_started_at: minute(10) }),
      { ...sold(4), live_started_at: minute(10) },
    ]
    expect(soldIn(folded(early))).toEqual({ minutes: 0, tens: 0, totals: 5_000 })
    expect(soldIn(folded([...early, { ...start, live_started_at: at }]))).toEqual(all(5_000))
  })

  test('[TOTAL-3] events that turn out to be past its end leave its minutes', () => {
    const events = [start, heard(1), sold(20), after(2, { type: 'live_ended' })]
    expect(soldIn(folded(events))).toEqual({ minutes: 0, tens: 0, totals: 5_000 })
  })

  test('[TOTAL-3] a state stored during the silence continues as if it had not been', () => {
    const ofOrder = { ...sold(45), attribution: 'order' as const }
    const log = numbered([start, heard(1), ofOrder, heard(50), end])
    const stored = JSON.parse(JSON.stringify(fold(emptyState(), log.slice(0, 3)))) as LiveState
    expect(fold(stored, log.slice(3))).toEqual(fold(emptyState(), log))
  })
})

test('[TOTAL-3] whatever the order and the silences, minutes add up to the totals within the final span', () => {
  const eventOf = fc.record({
    type: fc.constantFrom(
      'payment_completed',
      'viewer_count',
      'like',
      'order_refunded',
      'comment',
      'product_click',
      'live_ended',
      'source_gap',
    ),
    ts: fc.integer({ min: -120 * MINUTE_MS, max: 300 * MINUTE_MS }).map((later) => at + later),
    attribution: fc.constantFrom('session' as const, 'order' as const, 'time' as const),
    money: fc.nat(9_000),
    units: fc.nat(9),
    opening: fc.nat(300),
    level: fc.nat(50),
  })
  fc.assert(
    fc.property(fc.array(eventOf, { maxLength: 60 }), fc.nat(), fc.nat(60), (events, seed, cut) => {
      const sent = opening(shuffle(seed, numbered(events.length > 0 ? events : [heard(0)])))
      // The start as known when written: it only ever moves back.
      let started = Number.POSITIVE_INFINITY
      const log = sent.map((event, n) => {
        if (n % 3 === 0) started = Math.min(started, event.ts)
        return { ...event, seq: n + 1, live_started_at: started }
      })
      const whole = fold(emptyState(), log)
      const stored = JSON.stringify(fold(emptyState(), log.slice(0, cut)))
      const state = fold(JSON.parse(stored) as LiveState, log.slice(cut))
      expect(state).toEqual(whole)
      const live = state.lives.a as LiveEntry
      const first = Math.floor(live.started_at / MINUTE_MS)
      const last = Math.floor(seriesEndOf(live) / MINUTE_MS)
      const within = log.filter(({ ts }) => {
        const key = Math.floor(ts / MINUTE_MS)
        return key >= first && key <= last
      })
      const sum = (type: string, column: 'money' | 'units') =>
        within.reduce((total, each) => total + (each.type === type ? (each[column] ?? 0) : 0), 0)
      expect(sumOf(live.minutes, 'gmv')).toBe(sum('payment_completed', 'money'))
      expect(sumOf(live.minutes, 'likes')).toBe(sum('like', 'units'))
    }),
    { numRuns: 400 },
  )
})

test('[TOTAL-3][P6] buckets outside the span are bounded: a day before and after', () => {
  const days = Array.from({ length: 3_200 }, (_, n) => sold(n - 1_600, 1))
  const start: Fields = { type: 'live_started', attribution: 'session' }
  const live = folded([start, ...days])
  const kept = Object.keys(live.outside?.minutes ?? {}).map((key) => Number(key) - at / MINUTE_MS)
  // An open LIVE covers 30 minutes, which are its series.
  expect([kept[0], kept.at(-1)]).toEqual([-stateLimits.outside, 30 + stateLimits.outside])
  expect(Object.keys(live.outside?.tens ?? {}).length).toBeLessThanOrEqual(2 * stateLimits.outside)
})
