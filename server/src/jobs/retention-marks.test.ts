import type { Database } from '@creatorflow/db/database'
import { raw, sql } from '@creatorflow/db/sql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import {
  freshState,
  liveOf,
  livesAroundMark,
  markOf,
  RETENTION_DAYS,
} from '../../test/dropped-log.ts'
import { startApp, type TestApp, type TestCreator } from '../../test/harness.ts'
import { wrongBuckets } from '../../test/history-oracle.ts'
import { logOf } from '../../test/log-rows.ts'
import { createInProcessBus } from '../bus/in-process.ts'
import { silentLog } from '../core/log.ts'
import { serverTenant } from '../core/rights/authorize.ts'
import { createTelemetry } from '../core/telemetry.ts'
import { readMarks } from '../eventlog/marks.ts'
import { deleteCreator } from '../identity/creators/creators.ts'
import { follow } from '../live/follow.ts'
import { refreshHistory } from './refresh-history.ts'
import { retain } from './retention.ts'

const log = silentLog()
const DAY_MS = 86_400_000

describe.each(databases())('the marks of retention on $name', (backend) => {
  const telemetry = createTelemetry()
  const bus = createInProcessBus({ log, telemetry })

  const start = () =>
    startApp({
      database: backend,
      bus,
      env: { ROLES: 'pipeline,gateway', MAX_REQUESTS_PER_S_PER_CREATOR: '0' },
    })
  const round = (database: Database, retentionDays = RETENTION_DAYS) =>
    retain({ database, bus, config: { retentionDays }, log })
  const paid = (id: string, ts: number, more: object = {}) => ({
    id,
    type: 'payment_completed',
    ts,
    amount: 1_000,
    order_id: id,
    product_id: 'mug',
    ...more,
  })

  describe('after a round', () => {
    let app: TestApp
    let creator: TestCreator

    beforeAll(async () => {
      app = await start()
      creator = await app.newCreator()
      await app.post(livesAroundMark(2, 0.05), creator)
      await refreshHistory(app.database, log)
      await round(app.database)
    }, 240_000)
    afterAll(() => app?.[Symbol.asyncDispose]())

    test('[KEEP-1] events older than the mark are rejected, naming the mark, and counted', async () => {
      const { json } = await app.post(
        [paid('old', markOf() - 1), paid('young', markOf()), paid('ancient', 1)],
        creator,
      )
      expect(json).toMatchObject({ accepted: 1, duplicates: 0, conflicts: [] })
      expect(json.rejected).toMatchObject([
        { index: 0, code: 'beyond_retention' },
        { index: 2, code: 'ts_too_old' },
      ])
      expect(json.rejected[0].message).toContain(new Date(markOf()).toISOString())
    })

    test('[KEEP-1][KEEP-2] a late event of an old LIVE counts for the LIVE and on screens', async () => {
      const before = await liveOf(app, creator, 'live-0')
      const telemetry = createTelemetry()
      await using follower = await follow(
        { database: app.database, bus, log, telemetry },
        serverTenant(creator.id),
      )
      const refund = {
        id: 'late-refund',
        type: 'order_refunded',
        ts: markOf() + 9 * DAY_MS,
        session_id: 'live-0',
        amount: 777,
      }
      expect((await app.post(refund, creator)).json).toMatchObject({ accepted: 1 })
      const after = await liveOf(app, creator, 'live-0')
      expect(after.totals.refunds).toBe((before.totals.refunds ?? 0) + 777)
      expect(after.totals.gmv).toBe(before.totals.gmv)
      await expect
        .poll(() => follower.state.lives['live-0']?.totals.refunds)
        .toBe(after.totals.refunds)
      await app.database.query(sql`delete from checkpoints`)
      const fresh = await freshState(app.database, creator.id)
      expect(fresh.lives['live-0']?.totals).toEqual(after.totals)
      const query = new URLSearchParams({
        from: new Date(markOf() - 60 * DAY_MS).toISOString(),
        to: new Date().toISOString(),
        bucket: 'total',
        by: 'session',
      })
      const path = `/api/v1/creators/${creator.id}/metrics/refunds?${query}`
      const { series } = (await app.get(path, creator)).json
      const found = series.find(({ key }: { key: string }) => key === 'live-0')
      expect(found.points[0].value).toBe(after.totals.refunds)
    })

    test('[KEEP-1] marks never move back, and a longer or no retention drops nothing more', async () => {
      const before = await readMarks(app.database)
      expect(before.keptSince).toBe(markOf())
      expect(before.acceptsSince).toBe(markOf())
      expect(before.keptSince % (7 * DAY_MS)).toBe(0)
      const rows = (await logOf(app.database, creator.id)).length
      for (const days of [400, 0]) {
        await round(app.database, days)
        expect(await readMarks(app.database)).toMatchObject({
          acceptsSince: before.acceptsSince,
          keptSince: before.keptSince,
        })
        const { json } = await app.post(paid(`old-${days}`, markOf() - DAY_MS), creator)
        expect(json.rejected).toMatchObject([{ code: 'beyond_retention' }])
      }
      expect((await logOf(app.database, creator.id)).length).toBe(rows)
    })

    test('[KEEP-2] minutes around the mark are exact when late events come, and dirty ones are settled', async () => {
      const late = await app.newCreator()
      for (const round of [1, 2]) {
        const events = [0, 1, 60_000, 3_600_000, DAY_MS].map((after) =>
          paid(`late-${round}-${after}`, markOf() + after),
        )
        expect((await app.post(events, late)).json).toMatchObject({ accepted: 5 })
        expect(await wrongBuckets(app.database, [late.id])).toEqual([])
        await refreshHistory(app.database, log)
        expect(await wrongBuckets(app.database, [late.id])).toEqual([])
      }
      const dirty = await app.database.query(
        sql`select from dirty where bucket < (select kept_since from retention)`,
      )
      expect(dirty).toEqual([])
    })

    test('[PRIVACY-4] a deleted creator leaves nothing of its dropped events', async () => {
      const other = await app.newCreator()
      await app.post(
        livesAroundMark(3, 0.02).filter(({ ts = 0 }) => ts >= markOf()),
        other,
      )
      for (const id of [creator.id, other.id]) {
        await deleteCreator(app.database, serverTenant(id))
        for (const table of [
          'archive_1m',
          'archive_15m',
          'archive_1d',
          'frozen_lives',
          'log_bases',
        ]) {
          const rows = await app.database.query(
            sql`select from ${raw(table)} where creator_id = ${id}`,
          )
          expect(rows, table).toEqual([])
        }
      }
    })
  })

  test('[KEEP-1] a running server drops events automatically and logs what it dropped in one line', async () => {
    await using app = await start()
    const creator = await app.newCreator()
    await app.post(livesAroundMark(7, 0.02), creator)
    const lines: unknown[][] = []
    const info = (...line: unknown[]) => void lines.push(line)
    await using _jobs = await startApp({
      database: app.database,
      bus,
      env: { ROLES: 'jobs', RETENTION_DAYS: String(RETENTION_DAYS) },
      log: { ...log, info } as unknown as typeof log,
    })
    const marks = () => readMarks(app.database).then(({ keptSince }) => keptSince)
    await expect.poll(marks, { timeout: 30_000 }).toBe(markOf())
    const dropped = () => lines.filter(([, text]) => text === 'dropped old events')
    await expect.poll(() => dropped().length).toBeGreaterThan(0)
    expect(dropped().some(([of]) => (of as { events: number }).events > 0)).toBe(true)
  })
})
