import { sql } from '@creatorflow/db/sql'
import type { LiveEntry } from '@creatorflow/shared/live-state'
import type { MetricId } from '@creatorflow/shared/metrics'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { freshState } from '../../test/dropped-log.ts'
import { startApp, type TestApp, type TestCreator } from '../../test/harness.ts'
import { createInProcessBus } from '../bus/in-process.ts'
import { silentLog } from '../core/log.ts'
import { serverTenant } from '../core/rights/authorize.ts'
import { createTelemetry } from '../core/telemetry.ts'
import { writeDueCheckpoints } from '../jobs/checkpoints.ts'
import { resettleNoted } from '../jobs/resettle.ts'
import { resettleCreator } from '../resettle/resettle.ts'

const TEN = Date.UTC(2026, 9, 20, 10)
const at = (minute: number) => TEN + minute * 60_000
const log = silentLog()
const telemetry = createTelemetry()

type Event = { id: string; type: string; ts: number } & Record<string, unknown>
const event = (type: string, minute: number, more: object = {}): Event => ({
  id: `${type}-${minute}`,
  type,
  ts: at(minute),
  ...more,
})
const named = { session_id: 'a' }
const start = event('live_started', 0, named)
const viewers = (minute: number) => event('viewer_count', minute, { ...named, quantity: 50 })
const paid = (minute: number, more: object = {}) =>
  event('payment_completed', minute, { amount: 5_000, ...more })
const end = event('live_ended', 60, named)
const ofOrder = { order_id: 'o' }

const cases: [string, Event[][]][] = [
  ['a payment in a silence', [[start, viewers(1)], [paid(20)], [viewers(25), end]]],
  [
    'a source that could not be seen',
    [
      [start, viewers(1)],
      [event('source_gap', 2, { ...named, quantity: 43 * 60_000 }), paid(28)],
      [viewers(45), end],
    ],
  ],
  ['a payment past what the LIVE covered', [[start, viewers(1)], [paid(40)], [viewers(25), end]]],
  [
    'an order that named the LIVE',
    [
      [start, viewers(1), event('order_created', 5, { ...named, ...ofOrder, amount: 5_000 })],
      [paid(50, ofOrder)],
      [viewers(55), end],
    ],
  ],
  [
    'orders that came before their LIVE',
    [
      [paid(50, ofOrder)],
      [event('order_fulfilled', 51, { ...named, ...ofOrder })],
      [start, viewers(1)],
      [viewers(55), end],
    ],
  ],
  ['a LIVE told from its end', [[end], [viewers(25)], [paid(20)], [viewers(1)], [start]]],
]

describe.each(databases())('a LIVE with silences on $name', (backend) => {
  const bus = createInProcessBus({ log, telemetry })
  let app: TestApp
  beforeAll(async () => {
    const env = { RESETTLE_DELAY_MS: '86400000', CHECKPOINT_EVENTS: '1000000' }
    app = await startApp({ database: backend, bus, env })
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  test.each(cases)('[TOTAL-3] %s is in its minutes wherever they are read', async (_, parts) => {
    const creator = await app.newCreator()
    const config = { checkpointEvents: 1, checkpointIntervalS: 0 }
    for (const part of parts) {
      const { json } = await app.post(part, { key: creator.key })
      expect(json).toMatchObject({ accepted: part.length, rejected: [] })
      // Each part is folded on top of a state stored in the database.
      await writeDueCheckpoints({ database: app.database, config, log })
    }
    await resettleNoted({ database: app.database, bus, config: { resettleDelayMs: 0 }, log })
    await expect
      .poll(() => gmvOf(creator))
      .toEqual({
        total: 5_000,
        live: 5_000,
        state: 5_000,
        csv: 50,
        history: 5_000,
      })
    const restarted = await freshState(app.database, creator.id)
    expect(inMinutes(restarted.lives.a)).toBe(5_000)
    await app.database.query(sql`delete from checkpoints where creator_id = ${creator.id}`)
    const fromLog = await freshState(app.database, creator.id)
    expect(fromLog.lives.a?.minutes).toEqual(restarted.lives.a?.minutes)
  })

  test('[RECOUNT-1] after re-attribution likes and diamonds are in the minute they happened, not arrived', async () => {
    const creator = await app.newCreator()
    const like = (minute: number, total: number) =>
      event('like', minute, { ...named, properties: { total } })
    const gift = (minute: number, quantity: number) =>
      event('gift', minute, {
        ...named,
        quantity,
        user_id: 'ann',
        properties: { gift_id: '1', diamond_count: 5, streak_id: 's' },
      })
    const parts = [
      [start, like(1, 100), gift(2, 1)],
      [like(10, 300), gift(12, 3)],
      [like(5, 200), gift(7, 2), end],
    ]
    for (const part of parts) await app.post(part, { key: creator.key })
    await resettleCreator(app.database, serverTenant(creator.id))
    const { live } = (await app.get(`/api/v1/creators/${creator.id}/lives/a`, creator)).json
    expect(byMinute(live, 'likes')).toEqual({ 5: 100, 10: 100 })
    expect(byMinute(live, 'diamonds')).toEqual({ 2: 5, 7: 5, 12: 5 })
  })

  async function gmvOf(creator: TestCreator) {
    const base = `/api/v1/creators/${creator.id}`
    const { live } = (await app.get(`${base}/lives/a`, creator)).json
    const { state } = (await app.get(`${base}/live`, creator)).json
    const csv = (await app.get(`${base}/lives/a/minutes.csv`, creator)).text
    const range = `from=${new Date(at(-30)).toISOString()}&to=${new Date(at(120)).toISOString()}`
    const metric = `${base}/metrics/gmv?${range}&bucket=1m&by=session`
    const { series } = (await app.get(metric, creator)).json
    const ofLive = series.find(({ key }: { key: string }) => key === 'a')
    return {
      total: live.totals.gmv,
      live: inMinutes(live),
      state: inMinutes(state?.lives.a),
      csv: sum(rowsOf(csv).map(({ gmv }) => Number(gmv))),
      history: sum(ofLive?.points.map(({ value }: { value: number | null }) => value ?? 0) ?? []),
    }
  }
})

const rowsOf = (csv: string): Record<string, string>[] => parse(csv, { columns: true, bom: true })

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0)

function inMinutes(live: LiveEntry | undefined): number {
  return sum(live?.minutes.gmv ?? [])
}

/** A metric's gain in each elapsed minute that had one. */
function byMinute(live: LiveEntry, metric: MetricId): Record<string, number> {
  const found = (live.minutes[metric] ?? []).map(
    (value, at) => [live.minutes_from + at - TEN / 60_000, value] as const,
  )
  return Object.fromEntries(found.filter(([, value]) => value > 0))
}
