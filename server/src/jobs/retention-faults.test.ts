import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { describe, expect, test } from 'vitest'
import { editions } from '../../../scripts/test/backends.ts'
import {
  freshState,
  liveOf,
  livesAroundMark,
  markOf,
  RETENTION_DAYS,
} from '../../test/dropped-log.ts'
import { startApp, type TestCreator } from '../../test/harness.ts'
import { createWrittenLogs } from '../../test/written-log.ts'
import { createInProcessBus } from '../bus/in-process.ts'
import { withLease } from '../core/lease.ts'
import { silentLog } from '../core/log.ts'
import { serverTenant } from '../core/rights/authorize.ts'
import { createTelemetry } from '../core/telemetry.ts'
import { readMarks } from '../eventlog/marks.ts'
import { follow } from '../live/follow.ts'
import { resettleNoted } from './resettle.ts'
import { RETENTION_LEASE, retain } from './retention.ts'

const log = silentLog()
const DAY_MS = 86_400_000

describe.each(editions())('dropping old events when things go wrong on $name', (backend) => {
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

  test('[KEEP-1] stopping at any statement loses nothing, and the next run continues', {
    timeout: 240_000,
  }, async () => {
    await using app = await start()
    const creator = await app.newCreator()
    await app.post(livesAroundMark(4, 0.02), creator)
    const answers = async () => ({
      state: await freshState(app.database, creator.id),
      lives: await Promise.all(
        ['live-0', 'live-1', 'live-2'].map((id) => liveOf(app, creator, id)),
      ),
      daily: (await app.get(dailyOf(creator), creator)).json.series,
    })
    const before = await answers()
    await app.database.query(sql`delete from checkpoints`)
    let stopped = 0
    let mark = 0
    for (let after = 1; ; after++) {
      let left = after
      const count = () => {
        if (--left === 0) throw new Error('stopped')
      }
      // The stopped process keeps the lease; nothing here waits for its end.
      await app.database.query(sql`delete from leases where name = ${RETENTION_LEASE}`)
      const done = await round(stoppingAt(app.database, count)).catch(() => undefined)
      if (done !== undefined && left > 0) break
      stopped++
      // Most stops are alike, because they only prepare: a few of them are checked.
      const { keptSince } = await readMarks(app.database)
      const isMoved = keptSince !== mark
      mark = keptSince
      if (isMoved || after % 8 === 0) expect(await answers(), `after ${after}`).toEqual(before)
    }
    expect(stopped).toBeGreaterThan(30)
    expect((await readMarks(app.database)).keptSince).toBe(markOf())
    expect(await answers()).toEqual(before)
    await app.database.query(sql`delete from checkpoints`)
    expect(await answers()).toEqual(before)
  })

  test('[KEEP-1] two nodes never drop at once', async () => {
    await using app = await start()
    const other = async () => expect(await round(app.database)).toBe(false)
    expect(await withLease(app.database, RETENTION_LEASE, other)).toBe(true)
    expect(await round(app.database)).toBe(true)
  })

  test('[KEEP-1] events sent meanwhile are counted or rejected, each exactly once', {
    timeout: 120_000,
  }, async () => {
    await using app = await start()
    const creators = [await app.newCreator(), await app.newCreator()]
    const sent = new Map<string, number>(creators.map(({ id }) => [id, 0]))
    let isDone = false
    let rejected = 0
    const writer = async (creator: TestCreator, n: number) => {
      for (let i = 0; !isDone || i < 5; i++) {
        const events = Array.from({ length: 20 }, (_, k) =>
          paid(`${n}-${i}-${k}`, markOf() + (k - 10) * DAY_MS, { session_id: `live-${k % 3}` }),
        )
        const { json } = await app.post(events, creator)
        expect(json.accepted + json.rejected.length).toBe(20)
        rejected += json.rejected.length
        sent.set(creator.id, (sent.get(creator.id) ?? 0) + json.accepted * 1_000)
      }
    }
    const writers = creators.map(writer)
    await expect.poll(() => Math.min(...sent.values())).toBeGreaterThan(0)
    let failure: unknown
    // A writer that holds a lock for long makes a run give up: the next one does it.
    for (let tries = 0; tries < 5; tries++) {
      failure = await round(app.database).then(
        () => undefined,
        (error: unknown) => error,
      )
      if (!failure) break
    }
    isDone = true
    await Promise.all(writers)
    expect(failure).toBeUndefined()
    expect((await readMarks(app.database)).keptSince).toBe(markOf())
    expect(rejected).toBeGreaterThan(0)
    for (const creator of creators) {
      const { json } = await app.get(totalOf(creator), creator)
      expect(json.series[0].points[0].value).toBe(sent.get(creator.id))
      const state = await freshState(app.database, creator.id)
      const gmv = Object.values(state.lives).reduce((all, { totals }) => all + (totals.gmv ?? 0), 0)
      expect(gmv).toBe(sent.get(creator.id))
    }
  })

  test('[KEEP-2] reads while events are dropped always see all of them', {
    timeout: 120_000,
  }, async () => {
    await using app = await start()
    const creator = await app.newCreator()
    await app.post(livesAroundMark(11, 0.05), creator)
    const read = async () => {
      const { status, json } = await app.get(totalOf(creator), creator)
      expect(status).toBe(200)
      const { totals } = await liveOf(app, creator, 'live-1')
      const state = await freshState(app.database, creator.id)
      return { total: json.series[0].points[0].value, live: totals.gmv, days: state.days }
    }
    const before = await read()
    let isDone = false
    let reads = 0
    const reader = async () => {
      for (; !isDone || reads < 10; reads++) expect(await read()).toEqual(before)
    }
    const readers = Promise.all([reader(), reader(), reader()])
    await Promise.race([readers, round(app.database)])
    isDone = true
    await readers
    expect((await readMarks(app.database)).keptSince).toBe(markOf())
    expect(reads).toBeGreaterThanOrEqual(10)
  })

  test('[KEEP-2] a node that meets a hole starts over, and one past it continues', async () => {
    await using app = await start()
    const creator = await app.newCreator()
    const half = (seed: number) => livesAroundMark(seed, 0.02)
    await app.post(half(5), creator)
    await resettleNoted({ database: app.database, bus, config: { resettleDelayMs: 0 }, log })
    // On its own bus this node gets no messages.
    await using deaf = createWrittenLogs(app.database)
    await using node = deaf.newNode()
    const behind = await node.get(creator.id)
    await using ahead = await follow(
      { database: app.database, bus, log, telemetry },
      serverTenant(creator.id),
    )
    const { epoch } = ahead
    // Plain sums ask for no recount, which would be another epoch.
    const more = half(6)
      .filter(({ type }) => type === 'product_click' || type === 'product_impression')
      .map(({ user_id: _, customer_id: __, ...event }) => ({ ...event, session_id: 'second' }))
    expect(more.length).toBeGreaterThan(20)
    await app.post(more, creator)
    await expect.poll(() => ahead.state.seq).toBeGreaterThan(behind.state.seq)
    await round(app.database)
    await app.database.query(sql`delete from tail`)
    await node.poll()
    await expect.poll(() => behind.ready && behind.state.seq).toBe(ahead.state.seq)
    expect(behind.state.days).toEqual(ahead.state.days)
    expect(behind.state.lives.second?.totals).toEqual(ahead.state.lives.second?.totals)
    expect(ahead.epoch).toBe(epoch)
    expect(ahead.ready).toBe(true)
  })

  const range = () => ({
    from: new Date(markOf() - 60 * DAY_MS).toISOString(),
    to: new Date(Date.now() + DAY_MS).toISOString(),
  })
  const dailyOf = ({ id }: TestCreator) =>
    `/api/v1/creators/${id}/metrics/gmv?${new URLSearchParams({ ...range(), bucket: '1d' })}`
  const totalOf = ({ id }: TestCreator) =>
    `/api/v1/creators/${id}/metrics/gmv?${new URLSearchParams({ ...range(), bucket: 'total' })}`
})

/** A database that fails before a statement, even inside of transactions. */
function stoppingAt(database: Database, count: () => void): Database {
  return {
    ...database,
    query: async (statement) => {
      count()
      return database.query(statement)
    },
    transaction: (work) =>
      database.transaction((tx) =>
        work({
          ...tx,
          query: async (statement) => {
            count()
            return tx.query(statement)
          },
        }),
      ),
  }
}
