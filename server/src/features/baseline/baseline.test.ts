import { sql } from '@creatorflow/db/sql'
import { baselineLimits } from '@creatorflow/shared/features/baseline'
import type { LiveEntry } from '@creatorflow/shared/live-state'
import { derive, metricOf } from '@creatorflow/shared/metrics'
import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { livesAroundMark, markOf, RETENTION_DAYS } from '../../../test/dropped-log.ts'
import { startApp, type TestApp, type TestCreator } from '../../../test/harness.ts'
import { createInProcessBus } from '../../bus/in-process.ts'
import { silentLog } from '../../core/log.ts'
import { createTelemetry } from '../../core/telemetry.ts'
import { refreshHistory } from '../../jobs/refresh-history.ts'
import { retain } from '../../jobs/retention.ts'

const log = silentLog()
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const now = Math.floor(Date.now() / DAY_MS) * DAY_MS - 2 * DAY_MS

/** Lengths in minutes and ages in days of LIVEs before the current one; `usual`: within its 14 days. */
const past = [
  { id: 'old', daysAgo: 20, minutes: 4, usual: false },
  { id: 'long', daysAgo: 13.9, minutes: 9, usual: true },
  { id: 'short', daysAgo: 9, minutes: 3, usual: true },
  { id: 'middle', daysAgo: 5.3, minutes: 6, usual: true },
  { id: 'last', daysAgo: 1, minutes: 7, usual: true },
]

describe.each(databases())('what a LIVE is compared with, on $name', (database) => {
  const bus = createInProcessBus({ log, telemetry: createTelemetry() })
  let app: TestApp
  let creator: TestCreator

  const start = () =>
    startApp({
      database,
      bus,
      env: { ROLES: 'pipeline,gateway', MAX_REQUESTS_PER_S_PER_CREATOR: '0' },
    })

  async function send(of: TestApp, to: TestCreator, events: readonly object[]): Promise<void> {
    for (let at = 0; at < events.length; at += 500) {
      const { json } = await of.post(events.slice(at, at + 500), to)
      expect(json.rejected).toEqual([])
    }
  }

  const baselineOf = (sessionId: string, of = app, by = creator) =>
    of.get(`/api/v1/creators/${by.id}/lives/${sessionId}/baseline`, by)

  beforeAll(async () => {
    app = await start()
    creator = await app.newCreator()
    for (const [index, { id, daysAgo, minutes }] of past.entries()) {
      const { events } = simulateLive({
        seed: 40 + index,
        sessionId: id,
        // Not on a whole minute: elapsed minutes follow the clock.
        startAt: now - daysAgo * DAY_MS + 17_345,
        durationMs: minutes * MINUTE_MS,
        rate: 0.3,
        currency: 'USD',
        timeZone: 'UTC',
        aftermath: false,
      })
      // Likes from before the first report, and events just before the start.
      const early = now - daysAgo * DAY_MS - 2 * MINUTE_MS
      const more = [
        {
          id: `${id}-likes`,
          type: 'like',
          session_id: id,
          ts: early + 3 * MINUTE_MS,
          user_id: 'z',
          properties: { total: 900 },
        },
        { id: `${id}-early`, type: 'product_click', session_id: id, ts: early, product_id: 'tea' },
      ]
      await send(app, creator, [...events, ...(index % 2 === 0 ? more : [])])
      if (index === 2) await refreshHistory(app.database, log)
    }
    await send(app, creator, [
      { id: 'now', type: 'live_started', session_id: 'now', ts: now },
      { id: 'elsewhere', type: 'viewer_count', session_id: 'now', ts: now + 1, quantity: 4 },
    ])
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  /** By SQL over the log, per LIVE and elapsed minute: what was added, and the totals. */
  async function logged(): Promise<Record<string, Record<string, number | null>[]>> {
    const rows = await app.database.query<
      Record<string, number | null> & { session_id: string }
    >(sql`
      with spans as (
        select session_id, date_trunc('minute', started_at) as first,
          (extract(epoch from date_trunc('minute', ended_at) - date_trunc('minute', started_at)) / 60)::int as last
        from lives where creator_id = ${creator.id}
      ), cells as (
        select s.session_id, m.elapsed, e.*
        from spans s cross join lateral generate_series(0, s.last) as m (elapsed)
        cross join lateral (
          select coalesce(sum(money) filter (where type = 'payment_completed' and here), 0)::bigint as gmv_in_minute,
            (sum(units) filter (where type = 'viewer_count' and here))::float8
              / nullif(count(*) filter (where type = 'viewer_count' and here), 0) as viewers_in_minute,
            coalesce(sum(money) filter (where type = 'payment_completed'), 0)::bigint as gmv,
            coalesce(sum(units + opening) filter (where type = 'like'), 0)::bigint as likes,
            coalesce(sum(units) filter (where type = 'product_click'), 0)::bigint as product_clicks,
            coalesce(sum(sku_order), 0)::bigint as sku_orders,
            coalesce(max(level) filter (where type = 'viewer_count'), 0)::bigint as peak_viewers,
            coalesce(sum(live_first) filter (where type = 'payment_completed'), 0)::bigint as customers
          from (
            select *, ts >= s.first + m.elapsed * interval '1 minute' as here from events
            where creator_id = ${creator.id} and session_id = s.session_id
              and ts < s.first + (m.elapsed + 1) * interval '1 minute'
          ) e
        ) e
      )
      select * from cells order by session_id, elapsed`)
    return Object.groupBy(rows, ({ session_id }) => session_id) as never
  }

  const bases = [
    'gmv',
    'likes',
    'product_clicks',
    'sku_orders',
    'peak_viewers',
    'customers',
  ] as const

  test('[COMPARE-1] the previous LIVE by elapsed minute is what the log says', async () => {
    const { status, json } = await baselineOf('now')
    expect(status).toBe(200)
    const { previous } = json
    const cells = (await logged()).last ?? []
    expect(previous).toMatchObject({ session_id: 'last', length: cells.length })
    expect(cells.length).toBe(8)
    expect(previous.minutes.gmv).toEqual(cells.map((cell) => cell.gmv_in_minute))
    expect(rounded(previous.minutes.average_viewers)).toEqual(
      rounded(cells.map((cell) => cell.viewers_in_minute ?? null)),
    )
    for (const id of bases) expect(previous.totals[id], id).toEqual(cells.map((cell) => cell[id]))
    const rate = cells.map(({ sku_orders, product_clicks }) =>
      product_clicks ? (sku_orders ?? 0) / product_clicks : null,
    )
    expect(rounded(previous.totals.c_o_rate)).toEqual(rounded(rate))
    // Otherwise the comparison above would be empty.
    expect(previous.totals.gmv.at(-1)).toBeGreaterThan(0)
    expect(previous.totals.likes[0]).toBeGreaterThan(0)
  })

  test('[COMPARE-1] the usual is, in each minute, over the LIVEs of 14 days that were on air', async () => {
    const { json } = await baselineOf('now')
    const cells = await logged()
    const usual = past.filter((live) => live.usual)
    expect(json.usual.lives.map((live: { session_id: string }) => live.session_id)).toEqual(
      usual.map(({ id }) => id).reverse(),
    )
    expect(json.usual.left_out).toBe(0)
    expect(json.usual.lives_at).toEqual([4, 4, 4, 4, 3, 3, 3, 2, 1, 1])
    for (const [shown, name] of [
      [json.usual.minutes.gmv, 'gmv_in_minute'],
      [json.usual.minutes.average_viewers, 'viewers_in_minute'],
      ...bases.map((id) => [json.usual.totals[id], id] as const),
    ] as const) {
      for (const elapsed of json.usual.lives_at.keys()) {
        const values = usual.flatMap(({ id }) => cells[id]?.[elapsed]?.[name] ?? [])
        const [row] = await app.database.query<Record<string, number | null>>(sql`
          select percentile_cont(0.25) within group (order by v) as q1,
            percentile_cont(0.5) within group (order by v) as median,
            percentile_cont(0.75) within group (order by v) as q3
          from unnest(${values}::float8[]) v`)
        const at = { q1: shown.q1[elapsed], median: shown.median[elapsed], q3: shown.q3[elapsed] }
        const wanted = [row?.q1 ?? null, row?.median ?? null, row?.q3 ?? null]
        expect(Object.values(at), `${name} ${elapsed}`).toEqual(
          wanted.map((value) => (value === null ? null : expect.closeTo(value, 4))),
        )
      }
    }
  })

  test("[COMPARE-1] at its end a LIVE's course has the LIVE's own totals", async () => {
    const { json } = await baselineOf('now')
    for (const id of ['last', 'short']) {
      const { json: whole } = await app.get(`/api/v1/creators/${creator.id}/lives/${id}`, creator)
      const { totals }: LiveEntry = whole.live
      const usual = json.usual.lives.find((live: { session_id: string }) => live.session_id === id)
      for (const [step, total] of Object.entries(usual.funnel)) {
        expect(total, `${id} ${step}`).toBe(totals[step as 'views'] ?? 0)
      }
      expect(usual.best_minute_gmv).toBe(
        Math.max(...((await logged())[id] ?? []).map((cell) => cell.gmv_in_minute ?? 0)),
      )
      for (const goal of ['gmv', 'viewers'] as const) {
        expect(usual.totals[goal], `${id} ${goal}`).toHaveLength(usual.length)
      }
      expect(usual.totals.gmv).toEqual(((await logged())[id] ?? []).map((cell) => cell.gmv))
      expect(usual.totals.viewers.at(-1)).toBe(totals.viewers ?? 0)
      if (id !== 'last') continue
      // Payments continue for a moment; events in the room end with it.
      for (const base of ['views', 'diamonds', 'comments', 'likes', 'product_clicks'] as const) {
        expect(json.previous.totals[base].at(-1), base).toBe(totals[base])
      }
      const ctr = metricOf('ctr')
      const own =
        ctr.merge === 'derived' ? derive(ctr.derive, (of) => totals[of as 'views'] ?? 0) : undefined
      expect(json.previous.totals.ctr.at(-1)).toBeCloseTo(own?.value ?? Number.NaN, 5)
    }
    const duration = await app.get(
      `/api/v1/creators/${creator.id}/metrics/average_viewing_duration?${new URLSearchParams({
        from: new Date(now - 20 * DAY_MS).toISOString(),
        to: new Date(now).toISOString(),
        bucket: 'total',
        by: 'session',
      })}`,
      creator,
    )
    const last = duration.json.series.find(({ key }: { key: string }) => key === 'last')
    expect(json.previous.totals.average_viewing_duration.at(-1)).toBeCloseTo(
      last.points[0].value,
      4,
    )
  })

  test('[COMPARE-1] without an earlier LIVE nothing is compared; however old, the last one is the previous', async () => {
    const first = await baselineOf('old')
    expect(first.json).toMatchObject({
      previous: null,
      usual: { lives: [], left_out: 0, lives_at: [] },
    })
    const second = await baselineOf('long')
    expect(second.json.previous.session_id).toBe('old')
    const after = {
      id: 'later',
      type: 'live_started',
      session_id: 'later',
      ts: now + 40 * MINUTE_MS,
    }
    const other = await app.newCreator()
    await send(app, other, [
      { ...after, id: 'then', session_id: 'then', ts: now - 100 * DAY_MS },
      {
        id: 'then-end',
        type: 'live_ended',
        session_id: 'then',
        ts: now - 100 * DAY_MS + MINUTE_MS,
      },
      after,
    ])
    const { json } = await baselineOf('later', app, other)
    expect(json.previous).toMatchObject({ session_id: 'then', length: 2, totals: {} })
    expect(json.usual.lives).toEqual([])
  })

  test('[COMPARE-1] an answer says how many LIVEs past its limit it left out', async () => {
    const other = await app.newCreator()
    const many = baselineLimits.lives + 3
    await send(
      app,
      other,
      Array.from({ length: many + 1 }, (_, n) => {
        const ts = now - (many - n) * 3_600_000
        const of = { session_id: `live-${n}`, ts }
        return [
          { ...of, id: `s${n}`, type: 'live_started' },
          { ...of, id: `p${n}`, type: 'payment_completed', amount: 100 * n, product_id: 'p' },
          { ...of, id: `e${n}`, type: 'live_ended', ts: ts + 1_000 },
        ]
      }).flat(),
    )
    const { json } = await baselineOf(`live-${many}`, app, other)
    expect(json.usual).toMatchObject({ left_out: 3, lives_at: [baselineLimits.lives] })
    expect(json.usual.totals.gmv.median).toEqual([(100 * (3 + (many - 1))) / 2])
  })

  test('[COMPARE-1] a LIVE of several days is cut to the minutes one answer holds', async () => {
    const other = await app.newCreator()
    const at = (minute: number) => now - 3 * DAY_MS + minute * MINUTE_MS
    await send(app, other, [
      { id: 'a', type: 'live_started', session_id: 'long', ts: at(0) },
      { id: 'b', type: 'like', session_id: 'long', ts: at(baselineLimits.minutes - 1) },
      { id: 'c', type: 'like', session_id: 'long', ts: at(baselineLimits.minutes) },
      { id: 'd', type: 'live_ended', session_id: 'long', ts: at(2_000) },
      { id: 'e', type: 'live_started', session_id: 'next', ts: at(2_500) },
    ])
    const { json } = await baselineOf('next', app, other)
    expect(json.previous.length).toBe(baselineLimits.minutes)
    expect(json.previous.totals.likes.slice(-2)).toEqual([0, 1])
  })

  test("[ACCESS-2][P5] an unknown LIVE is not found, and neither is one for another creator's key", async () => {
    expect((await baselineOf('nowhere')).status).toBe(404)
    const other = await app.newCreator()
    expect((await baselineOf('now', app, other)).status).toBe(404)
    const path = `/api/v1/creators/${creator.id}/lives/now/baseline`
    expect((await app.get(path, other)).status).toBe(403)
  })

  test('[KEEP-2] dropped events change nothing', { timeout: 120_000 }, async () => {
    // The mark belongs to the database: this needs its own.
    await using own = await start()
    const of = await own.newCreator()
    await send(own, of, livesAroundMark(7))
    const ids = ['live-1', 'live-2', 'live-3']
    const answers = () =>
      Promise.all(
        ids.map(async (id) => {
          const { json } = await baselineOf(id, own, of)
          return { ...json, at: '', recounting: null }
        }),
      )
    const before = await answers()
    await retain({ database: own.database, bus, config: { retentionDays: RETENTION_DAYS }, log })
    const [kept] = await own.database.query<{ least: Date }>(
      sql`select min(ts) as least from events`,
    )
    expect(kept?.least.getTime()).toBeGreaterThanOrEqual(markOf())
    expect(await answers()).toEqual(before)
    expect(before[1].previous.totals.average_viewing_duration.at(-1)).toBeGreaterThan(0)
  })
})

function rounded(values: readonly (number | null)[]): (number | null)[] {
  return values.map((value) => (value === null ? null : Math.round(value * 1e5) / 1e5))
}
