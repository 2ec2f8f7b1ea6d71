import { sql } from '@creatorflow/db/sql'
import { type LiveEntry, MINUTE_MS } from '@creatorflow/shared/live-state'
import { shuffle } from '@creatorflow/shared/simulator/disorder'
import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { livesAroundMark, RETENTION_DAYS } from '../../../test/dropped-log.ts'
import { startApp, type TestApp, type TestCreator } from '../../../test/harness.ts'
import { catalogueTotals } from '../../../test/sql-oracle.ts'
import { createInProcessBus } from '../../bus/in-process.ts'
import { silentLog } from '../../core/log.ts'
import { createTelemetry } from '../../core/telemetry.ts'
import { retain } from '../../jobs/retention.ts'
import { minuteColumns, minuteLines } from './minutes.ts'

const env = { ROLES: 'pipeline,gateway', MAX_REQUESTS_PER_S_PER_CREATOR: '0' }
const NOON = Date.UTC(2026, 9, 20, 12)
const DAY_MS = 86_400_000

describe.each(databases())('the summary of a LIVE on $name', (backend) => {
  let app: TestApp
  let creator: TestCreator
  beforeAll(async () => {
    app = await startApp({ database: backend, env })
    creator = await app.newCreator()
    for (const [n, session] of ['first', 'second'].entries()) {
      const { events } = simulateLive({
        seed: `summary/${n}`,
        sessionId: session,
        startAt: NOON + n * DAY_MS,
        durationMs: 240_000,
        currency: 'USD',
        timeZone: 'UTC',
      })
      await send(app, creator, shuffle(n, events))
    }
  }, 120_000)
  afterAll(() => app?.[Symbol.asyncDispose]())

  const summaryOf = (session: string, of = app, who = creator) =>
    of.get(`/api/v1/creators/${who.id}/lives/${session}/summary`, who)

  test('[PAST-9] its numbers, and those of the previous LIVE, equal SQL', async () => {
    const { status, json } = await summaryOf('second')
    expect(status).toBe(200)
    const totalsOf = (session_id: string) =>
      catalogueTotals(app.database, creator.id, { session_id })
    expect(json.live.totals).toEqual(await totalsOf('second'))
    expect(json.live.totals.gmv).toBeGreaterThan(0)
    const before = (await summaryOf(json.previous)).json
    expect(before.live.session_id).toBe('first')
    expect(before.live.totals).toEqual(await totalsOf('first'))
    expect(before.previous).toBeNull()
    expect((await summaryOf('none')).status).toBe(404)
  })

  test('[PAST-9] events after the end, and gifts by kind, are what the events say', async () => {
    const { json } = await summaryOf('second')
    const of = sql`creator_id = ${creator.id} and session_id = 'second'`
    const [late] = await app.database.query<{ refunds: number; gmv: number }>(sql`
      select coalesce(sum(amount) filter (where type = 'order_refunded'), 0)::bigint as refunds,
        coalesce(sum(amount) filter (where type = 'payment_completed'), 0)::bigint as gmv
      from events where ${of} and currency = 'USD'
        and ts > (select ts from events where ${of} and type = 'live_ended')`)
    expect(late?.refunds).toBeGreaterThan(0)
    expect(json.since_end).toMatchObject({ ...late })
    const { gifts, diamonds } = json.live.totals
    const sum = (key: string) =>
      json.gifts.reduce((all: number, kind: Record<string, number>) => all + (kind[key] ?? 0), 0)
    expect([sum('gifts'), sum('diamonds')]).toEqual([gifts, diamonds])
    expect(json.unknown).toBeNull()
  })

  test("[PAST-9] the CSV by minute has every minute once, money in major units, and the LIVE's sums", async () => {
    const path = `/api/v1/creators/${creator.id}/lives/second/minutes.csv`
    const { status, headers, text } = await app.get(path, creator)
    expect(status).toBe(200)
    expect(headers['content-type']).toMatch(/^text\/csv/)
    // It arrived shuffled: whether it is already recounted depends on timing.
    expect(headers['content-disposition']).toMatch(
      /attachment; filename="live-2026-10-21T1200(-not-final)?\.csv"/,
    )
    const [head, ...lines] = text.trimEnd().split('\n')
    expect(head).toBe(`\ufeff${minuteColumns.map((name) => `"${name}"`).join(',')}`)
    const cellsOf = (row: string) => row.slice(1, -1).split('","')
    const rows = lines.filter((row) => cellsOf(row)[0] !== '')
    expect(lines.length - rows.length).toBeLessThanOrEqual(2)
    const starts = rows.map((row) => Date.parse(cellsOf(row)[0] ?? ''))
    expect(starts.every((at, n) => n === 0 || at === (starts[n - 1] ?? 0) + MINUTE_MS)).toBe(true)
    const { live } = (await summaryOf('second')).json as { live: LiveEntry }
    const sum = (column: string) =>
      rows.reduce(
        (all, row) => all + Number(cellsOf(row)[minuteColumns.indexOf(column as 'gmv')]),
        0,
      )
    expect(Math.round(sum('gmv') * 100)).toBe(live.totals.gmv)
    expect(sum('main_orders')).toBe(live.totals.main_orders)
    expect(sum('comments')).toBe(live.totals.comments)
    const likes = lines.map((row) => Number(cellsOf(row)[minuteColumns.indexOf('likes')]))
    expect(likes.reduce((all, n) => all + n)).toBe(live.totals.likes)
  })

  test('[PAST-9] likes from before the first report have a row of their own', async () => {
    const other = await app.newCreator()
    const like = (id: string, minute: number, total: number) => ({
      id,
      type: 'like',
      ts: NOON + minute * MINUTE_MS,
      session_id: 'liked',
      properties: { total },
    })
    await send(app, other, [like('a', 1, 5_000), like('b', 2, 5_040)])
    const { text } = await app.get(`/api/v1/creators/${other.id}/lives/liked/minutes.csv`, other)
    const likes = minuteColumns.indexOf('likes')
    const cells = text
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(1, -1).split('","'))
    expect(cells[1]?.slice(0, 3)).toEqual(['', 'before the first report', ''])
    const [, ...rows] = cells
    expect(rows.map((row) => Number(row[likes])).filter((n) => n > 0)).toEqual([5_000, 40])
    const minutes = rows.slice(1).map(([minute]) => Date.parse(minute ?? ''))
    expect(minutes.every((minute) => minute > 0)).toBe(true)
  })

  test('[PAST-9] for a LIVE with dropped events it says what is no longer known, and why', async () => {
    await using own = await startApp({ database: backend, env })
    const other = await own.newCreator()
    await send(own, other, livesAroundMark(1))
    const before = (await summaryOf('live-2', own, other)).json
    await using bus = createInProcessBus({ log: silentLog(), telemetry: createTelemetry() })
    await retain({
      database: own.database,
      bus,
      config: { retentionDays: RETENTION_DAYS },
      log: silentLog(),
    })
    const { json } = await summaryOf('live-2', own, other)
    expect(json.live.totals).toEqual(before.live.totals)
    expect(json).toMatchObject({ since_end: null, gifts: null })
    expect(json.unknown).toMatch(/no longer kept/)
  })
})

test('[PAST-9] a product name is never a formula, and minor units follow the currency', () => {
  const live = {
    started_at: NOON,
    last_at: NOON,
    ended_at: NOON,
    minutes: { gmv: [1_234] },
    minutes_from: NOON / MINUTE_MS,
    product_rows: { p: 0 },
    product_names: ['=HYPERLINK("x")'],
    pin_marks: [{ ts: NOON, id: 'pin', product_id: 'p' }],
    // Only what is read: the minutes of a LIVE need nothing else.
  } as unknown as LiveEntry
  const [, yen = ''] = [...minuteLines(live, { currency: 'JPY', time_zone: 'Asia/Tokyo' })]
  expect(yen).toContain('"2026-10-20 21:00","0","\'=HYPERLINK(""x"")","","1234",')
  const [, dollars = ''] = [...minuteLines(live, { currency: 'USD', time_zone: 'UTC' })]
  expect(dollars).toContain(',"12.34",')
})

async function send(app: TestApp, creator: TestCreator, events: readonly object[]): Promise<void> {
  for (let at = 0; at < events.length; at += 500) {
    const { json } = await app.post(events.slice(at, at + 500), creator)
    expect(json.rejected).toEqual([])
  }
}
