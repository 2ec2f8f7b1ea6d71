import { describe, expect, test } from 'vitest'
import { fold } from './fold.ts'
import { emptyState, type LiveEntry } from './live-state.ts'
import { metricIds, metrics } from './metrics.ts'
import type { NumberedEvent } from './numbered-event.ts'
import { funnelOf, lastMinute, localDay, presentDay, presentLive } from './present.ts'

const at = Date.UTC(2026, 2, 2, 18)
const MINUTE_MS = 60_000
type Fields = Partial<NumberedEvent> & Pick<NumberedEvent, 'type'>

function liveOf(...events: Fields[]): LiveEntry {
  const state = fold(
    emptyState(),
    events.map((fields, n) => ({
      seq: n + 1,
      ts: at,
      id: `e${n}`,
      day: '2026-03-02',
      session_id: 'a',
      live_started_at: at,
      opens_live: 1,
      ...fields,
    })),
  )
  return state.lives.a as LiveEntry
}

test.each([
  ['2026-03-02T18:29:59.999Z', 'Asia/Kolkata', '2026-03-02'],
  ['2026-03-02T18:30:00.000Z', 'Asia/Kolkata', '2026-03-03'],
  ['2026-03-02T18:15:00.000Z', 'Asia/Kathmandu', '2026-03-03'],
  ['2026-03-29T22:00:00.000Z', 'Europe/Berlin', '2026-03-30'],
  ['2026-03-28T22:59:59.999Z', 'Europe/Berlin', '2026-03-28'],
  ['2026-11-01T03:59:59.000Z', 'America/New_York', '2026-10-31'],
  ['2026-11-02T04:59:59.000Z', 'America/New_York', '2026-11-01'],
  ['2016-01-01T00:00:00.000Z', 'UTC', '2016-01-01'],
])('[COUNT-5] %s is on the local day of %s', (instant, zone, day) => {
  expect(localDay(Date.parse(instant), zone)).toBe(day)
})

describe('a LIVE', () => {
  const start: Fields = { type: 'live_started', label: 'Tea time' }

  test('[COUNT-2] is live, paused or ended, by its own times and 30 min of silence', () => {
    const silentAfter = at + 30 * MINUTE_MS
    expect(presentLive(liveOf(start), at)).toMatchObject({
      status: 'live',
      title: 'Tea time',
      ended_at: null,
    })
    expect(presentLive(liveOf(start), silentAfter).status).toBe('live')
    expect(presentLive(liveOf(start), silentAfter + 1)).toMatchObject({
      status: 'ended',
      ended_at: at,
    })
    const paused: Fields = { type: 'live_paused', ts: at + 1_000 }
    expect(presentLive(liveOf(start, paused), at + 2_000).status).toBe('paused')
    const ended: Fields = { type: 'live_ended', ts: at + 5_000 }
    expect(presentLive(liveOf(start, paused, ended), at + 6_000)).toMatchObject({
      status: 'ended',
      ended_at: at + 5_000,
    })
  })

  test('[COUNT-2] its time on air excludes pauses, even repeated, unfinished or before the start', () => {
    const mark = (type: 'live_paused' | 'live_resumed', second: number): Fields => ({
      type,
      ts: at + second * 1_000,
    })
    const seconds = (now: number, ...marks: Fields[]) =>
      presentLive(liveOf(start, ...marks), at + now * 1_000).seconds
    expect(seconds(60)).toBe(60)
    expect(seconds(60, mark('live_paused', 10), mark('live_resumed', 25))).toBe(45)
    expect(seconds(60, mark('live_resumed', 25), mark('live_paused', 10))).toBe(45)
    expect(
      seconds(60, mark('live_paused', 10), mark('live_paused', 20), mark('live_resumed', 25)),
    ).toBe(45)
    expect(seconds(60, mark('live_paused', 40))).toBe(40)
    expect(seconds(60, mark('live_resumed', 5))).toBe(60)
    expect(seconds(60, mark('live_paused', -10), mark('live_resumed', 20))).toBe(40)
    expect(seconds(60, mark('live_paused', 40), { type: 'live_ended', ts: at + 50_000 })).toBe(40)
    expect(seconds(-5)).toBe(0)
    expect(presentLive({ ...liveOf(start), pauses_complete: false }, at).seconds).toBeNull()
  })

  test('[METRIC-2] viewers now are unknown, with the reason, before a report, a minute after it and at the end', () => {
    const report: Fields = { type: 'viewer_count', units: 12, level: 12, ts: at + 1_000 }
    const now = (live: LiveEntry, later: number) =>
      presentLive(live, at + later).metrics.viewers_now
    expect(now(liveOf(start), 0)).toMatchObject({
      value: null,
      reason: 'no viewer counts reported yet',
    })
    expect(now(liveOf(report), 61_000)).toMatchObject({ value: 12 })
    expect(now(liveOf(report), 61_001)).toMatchObject({
      value: null,
      reason: 'last reported 1 min ago',
    })
    expect(now(liveOf(report, { type: 'live_ended', ts: at + 2_000 }), 3_000)).toMatchObject({
      value: null,
      reason: 'the LIVE has ended',
    })
  })

  test('[P9][METRIC-2] every metric of a scope is there, with its stage, and null only with a reason', () => {
    const readings = presentLive(liveOf(start), at).metrics
    expect(Object.keys(readings).sort()).toEqual(
      metricIds.filter((id) => metrics[id].scopes.some((scope) => scope === 'live')).sort(),
    )
    const day = presentDay(undefined)
    expect(Object.keys(day).sort()).toEqual(
      metricIds.filter((id) => metrics[id].scopes.some((scope) => scope === 'day')).sort(),
    )
    for (const reading of [...Object.values(readings), ...Object.values(day)]) {
      expect(reading.stage).toBe('estimate')
      if (reading.value === null) expect(reading.reason).toMatch(/\w/)
      else expect(Number.isFinite(reading.value)).toBe(true)
    }
    expect(day.daily_revenue?.value).toBe(0)
    expect(day.aov).toMatchObject({ value: null, reason: 'no orders yet' })
  })

  test('[METRIC-2] average viewing duration is average viewers times seconds on air over views', () => {
    const live = liveOf(
      { type: 'viewer_count', units: 10, level: 10, ts: at + 60_000 },
      { type: 'viewer_count', units: 20, level: 20, ts: at + 100_000 },
      { type: 'viewer_joined', units: 30 },
    )
    expect(presentLive(live, at + 100_000).metrics.average_viewing_duration?.value).toBe(50)
    const unknown = presentLive({ ...live, pauses_complete: false }, at + 100_000).metrics
    expect(unknown.average_viewing_duration).toMatchObject({
      value: null,
      reason: 'the length of the LIVE is not known',
    })
  })
})

describe('the funnel', () => {
  test('[METRIC-4] every step is a share of the one before', () => {
    const totals = { live_impressions: 1_000, views: 200, product_clicks: 50, add_to_carts: 20 }
    expect(
      funnelOf({ ...totals, checkouts: 10, main_orders: 4 }).map(({ value, rate }) => [
        value,
        rate,
      ]),
    ).toEqual([
      [1_000, null],
      [200, 0.2],
      [50, 0.25],
      [20, 0.4],
      [10, 0.5],
      [4, 0.4],
    ])
  })

  test('[METRIC-4] an unreported step is unknown and skipped; one that has not happened yet is 0', () => {
    expect(
      funnelOf({ views: 200, add_to_carts: 20 }).map(({ value, rate }) => [value, rate]),
    ).toEqual([
      [null, null],
      [200, null],
      [null, null],
      [20, 0.1],
      [0, 0],
      [0, null],
    ])
  })
})

test('[METRIC-2] the last minute is the sum of the six newest ten-second buckets', () => {
  const live = liveOf(
    ...[0, 5, 15, 59, 60, 69].map(
      (second): Fields => ({
        type: 'payment_completed',
        money: 100,
        ts: at + second * 1_000,
        attribution: 'session',
      }),
    ),
  )
  expect(lastMinute(live, 'gmv', at + 69_999)).toBe(400)
  expect(lastMinute(live, 'gmv', at + 59_999)).toBe(400)
  expect(lastMinute(live, 'gmv', at + 300_000)).toBe(0)
})
