import { levels } from '@creatorflow/db/aggregates'
import type { Database } from '@creatorflow/db/database'
import { raw, sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import type { IncomingEvent } from '@creatorflow/shared/events'
import { createRandom } from '@creatorflow/shared/simulator/random'
import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { editions } from '../../../scripts/test/backends.ts'
import { wrongBuckets } from '../../test/history-oracle.ts'
import { createInProcessBus } from '../bus/in-process.ts'
import { loadConfig } from '../config.ts'
import { withLease } from '../core/lease.ts'
import { silentLog } from '../core/log.ts'
import { serverTenant } from '../core/rights/authorize.ts'
import { createTelemetry } from '../core/telemetry.ts'
import { insertCreator } from '../identity/creators/creators.ts'
import { acceptedEvent } from '../pipeline/accept.ts'
import { createPipeline, type Pipeline } from '../pipeline/pipeline.ts'
import { verifySums } from '../resettle/verify-sums.ts'
import { HISTORY_LEASE, refreshHistory } from './refresh-history.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const ages = [30 * MINUTE_MS, 3 * DAY_MS, 40 * DAY_MS]
const log = silentLog()

describe.each(editions())('history on $name', (backend) => {
  const hasPolicies = backend.name === 'community'
  const telemetry = createTelemetry()
  const bus = createInProcessBus({ log, telemetry })
  let database: Database
  let pipeline: Pipeline
  let creators = 0

  beforeAll(async () => {
    database = await openTestDatabase(backend)
    const config = loadConfig({})
    pipeline = createPipeline({ database, bus, config, log, telemetry })
  })
  afterAll(async () => {
    await pipeline?.[Symbol.asyncDispose]()
    await database?.[Symbol.asyncDispose]()
  })

  async function newCreator(): Promise<string> {
    const id = `history-${++creators}`
    await database.transaction((tx) =>
      insertCreator(tx, {
        id,
        name: id,
        time_zone: 'Asia/Kolkata',
        currency: 'USD',
        locale: 'en',
        kind: 'real',
      }),
    )
    return id
  }

  async function write(creatorId: string, events: readonly IncomingEvent[]): Promise<void> {
    for (let at = 0; at < events.length; at += 400) {
      const batch = events.slice(at, at + 400)
      const accepted = batch.map((event) => acceptedEvent(creatorId, event, event, Date.now()))
      const outcomes = await pipeline.submit(accepted, 'live')
      expect(outcomes.filter(({ kind }) => kind !== 'accepted')).toEqual([])
    }
  }

  function simulated(seed: number, creatorId: string, startAt: number): readonly IncomingEvent[] {
    const { events } = simulateLive({
      seed,
      sessionId: `live-${seed}-${startAt}`,
      creatorId,
      startAt,
      durationMs: 4 * MINUTE_MS,
      rate: 0.3,
      currency: 'USD',
      timeZone: 'Asia/Kolkata',
    })
    return events.filter(({ ts }) => ts < Date.now())
  }

  const paid = (id: string, ts: number): IncomingEvent => ({
    id,
    type: 'payment_completed',
    ts,
    amount: 1_250,
    product_id: 'late',
    channel: 'shopify',
  })

  const dirtyOf = (creatorId: string) =>
    database.query<{ bucket: Date; version: number }>(
      sql`select bucket, version from dirty where creator_id = ${creatorId} order by bucket`,
    )

  /** Runs of the job until nothing old enough is dirty: a run skips what another refresh is working on. */
  async function settle(): Promise<void> {
    const left = async () => {
      await refreshHistory(database, log)
      const rows = await database.query(
        sql`select from dirty where bucket < clock_timestamp() - interval '20 minutes'`,
      )
      return rows.length
    }
    await expect.poll(left, { timeout: 60_000, interval: 200 }).toBe(0)
  }

  test.each([1, 2, 3, 4, 5])(
    '[PAST-1] seed %i: every bucket of every level is exact at once after late events',
    { timeout: 90_000 },
    async (seed) => {
      const creatorId = await newCreator()
      const random = createRandom(`history/${seed}`)
      const now = Date.now()
      for (const age of ages) {
        await write(creatorId, simulated(seed, creatorId, now - age - random.between(0, 600_000)))
      }
      expect(await wrongBuckets(database, [creatorId])).toEqual([])
      await settle()
      expect(await wrongBuckets(database, [creatorId])).toEqual([])
      for (const [n, age] of ages.entries()) {
        await write(creatorId, [paid(`late-${n}`, now - age)])
        expect(await wrongBuckets(database, [creatorId])).toEqual([])
      }
      const differing = async () =>
        (await verifySums(database, serverTenant(creatorId))).filter(
          ({ differences }) => differences > 0,
        )
      expect(await differing()).toEqual([])
      // Without their mark the late events are missing: this shows that the test can fail.
      // What is younger may still wait for its time, and keeps its mark.
      const isOld = ({ bucket }: { bucket: Date }) => bucket.getTime() < now - 20 * MINUTE_MS
      const marks = (await dirtyOf(creatorId)).filter(isOld)
      expect(marks).toHaveLength(3)
      await database.query(sql`delete from dirty where creator_id = ${creatorId}`)
      expect((await wrongBuckets(database, [creatorId])).length).toBeGreaterThanOrEqual(8)
      expect(await differing()).toMatchObject([{ table: 'events_1m' }])
      const minutes = marks.map(({ bucket }) => bucket.toISOString())
      await database.query(sql`
        insert into dirty (creator_id, bucket)
        select ${creatorId}, bucket from unnest(${minutes}::timestamptz[]) as t (bucket)`)
      expect(await wrongBuckets(database, [creatorId])).toEqual([])
    },
  )

  test('[PAST-1] marks go once the aggregates are right, and a newer one stays', async () => {
    const creatorId = await newCreator()
    const at = Math.floor((Date.now() - 3 * DAY_MS) / MINUTE_MS) * MINUTE_MS
    await write(creatorId, [paid('a', at), paid('b', at + 5 * MINUTE_MS)])
    await settle()
    expect(await dirtyOf(creatorId)).toEqual([])
    for (const { view } of levels) {
      const [row] = await database.query<{ money: number }>(
        sql`select sum(money)::bigint as money from ${raw(view)} where creator_id = ${creatorId}`,
      )
      expect(row, view).toEqual({ money: 2_500 })
    }
    expect(await wrongBuckets(database, [creatorId])).toEqual([])
    await write(creatorId, [paid('c', at)])
    const [first] = await dirtyOf(creatorId)
    await write(creatorId, [paid('d', at)])
    const [second] = await dirtyOf(creatorId)
    expect(second?.version).toBeGreaterThan(first?.version ?? Number.POSITIVE_INFINITY)
  })

  test('[PAST-1] is exact at every moment while writers, the job and the policies run', {
    timeout: 120_000,
  }, async () => {
    const creatorIds = [await newCreator(), await newCreator()]
    const random = createRandom('history/at-once')
    const policies = hasPolicies
      ? await database.query<{ id: number }>(sql`
            select job_id::int as id from timescaledb_information.jobs
            where proc_name = 'policy_refresh_continuous_aggregate'`)
      : []
    expect(policies).toHaveLength(hasPolicies ? levels.length : 0)
    // A statement planned while a chunk is being created may see it in one part and not in another.
    for (const creatorId of creatorIds) {
      await write(
        creatorId,
        ages.map((age) => paid(`before-${age}`, Date.now() - age)),
      )
    }
    const end = performance.now() + 12_000
    const isRunning = () => performance.now() < end
    let written = 0
    const writer = async (creatorId: string) => {
      for (let n = 0; isRunning(); n++) {
        const events = Array.from({ length: random.between(1, 40) }, (_, i) => {
          const age = random.pick([0, 16 * MINUTE_MS, ...ages]) + random.between(0, 120_000)
          return paid(`${n}-${i}`, Date.now() - age)
        })
        await write(creatorId, events)
        written += events.length
      }
    }
    const job = async () => {
      while (isRunning()) await refreshHistory(database, log)
    }
    const policy = async () => {
      while (hasPolicies && isRunning()) {
        for (const { id } of policies) {
          // Two refreshes of one range may conflict: the next run does it.
          await database.script(`call run_job(${id})`).catch(() => {})
        }
      }
    }
    let checks = 0
    const checker = async () => {
      for (; isRunning(); checks++) expect(await wrongBuckets(database, creatorIds)).toEqual([])
    }
    await Promise.all([...creatorIds.map(writer), job(), policy(), checker()])
    expect(written).toBeGreaterThan(100)
    expect(checks).toBeGreaterThan(10)
    // The rest is settled once everyone is quiet, except what is too young to be materialized.
    await settle()
    expect(await wrongBuckets(database, creatorIds)).toEqual([])
  })

  test('[PAST-2] two nodes never run the job at once', async () => {
    const other = async () => expect(await refreshHistory(database, log)).toBe(false)
    expect(await withLease(database, HISTORY_LEASE, other)).toBe(true)
    expect(await refreshHistory(database, log)).toBe(true)
  })
})
