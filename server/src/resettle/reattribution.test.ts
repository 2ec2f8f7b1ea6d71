import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import type { IncomingEvent } from '@creatorflow/shared/events'
import { fold } from '@creatorflow/shared/fold'
import { emptyState, type LiveEntry, type LiveState } from '@creatorflow/shared/live-state'
import { shuffle, withDuplicates } from '@creatorflow/shared/simulator/disorder'
import { createRandom } from '@creatorflow/shared/simulator/random'
import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import { cellsById } from '@creatorflow/shared/test/cells'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { scaled } from '../../../scripts/test/long-run.ts'
import { logOf } from '../../test/log-rows.ts'
import { catalogueTotalsBy } from '../../test/sql-oracle.ts'
import { createInProcessBus } from '../bus/in-process.ts'
import { loadConfig } from '../config.ts'
import { silentLog } from '../core/log.ts'
import { serverTenant } from '../core/rights/authorize.ts'
import { createTelemetry } from '../core/telemetry.ts'
import { readLog } from '../eventlog/log-reader.ts'
import { insertCreator } from '../identity/creators/creators.ts'
import { resettleNoted } from '../jobs/resettle.ts'
import { follow } from '../live/follow.ts'
import { acceptedEvent } from '../pipeline/accept.ts'
import { createPipeline, type Pipeline } from '../pipeline/pipeline.ts'
import { resettleCreator } from './resettle.ts'

const NOON = Date.UTC(2026, 9, 20, 12)
const MINUTE_MS = 60_000

describe.each(databases())('re-attribution on $name', (backend) => {
  const seeds = scaled(5, 40)
  // In parallel, like creators: their events share batches, and one run of the job settles many.
  const groups = Object.values(
    Object.groupBy(
      Array.from({ length: seeds }, (_, n) => n + 1),
      (seed) => Math.ceil(seed / 10),
    ),
  ).map((group = []) => group)
  const log = silentLog()
  const telemetry = createTelemetry()
  const bus = createInProcessBus({ log, telemetry })
  const config = loadConfig({ MAX_BATCH_EVENTS: '300', RESETTLE_DELAY_MS: '0' })
  let database: Database
  let pipeline: Pipeline

  beforeAll(async () => {
    database = await openTestDatabase(backend)
    pipeline = createPipeline({ database, bus, config, log, telemetry })
  })
  afterAll(async () => {
    await pipeline?.[Symbol.asyncDispose]()
    await database?.[Symbol.asyncDispose]()
  })

  test(`[RECOUNT-1][P4] ${seeds} shuffled LIVEs that only their start names equal those sent in order`, {
    timeout: 300_000,
  }, async () => {
    let rewritten = 0
    for (const group of groups) {
      await using followers = new AsyncDisposableStack()
      const cases = await Promise.all(
        group.map(async (seed) => {
          const random = createRandom(`reattribution/${seed}`)
          const events = stripped(seed)
          const inOrder = `order-${seed}`
          const inDisorder = `disorder-${seed}`
          await newCreator(inOrder)
          await newCreator(inDisorder)
          const followDeps = { database, bus, log, telemetry }
          const follower = followers.use(await follow(followDeps, serverTenant(inDisorder)))
          await send(inOrder, events, () => 200)
          const sent = shuffle(seed, withDuplicates(seed, events))
          await send(inDisorder, sent, () => random.between(1, 200))
          return { where: `seed ${seed}`, inOrder, inDisorder, follower }
        }),
      )
      await settleNoted()
      for (const { where, inOrder, inDisorder, follower } of cases) {
        const generation = await generationOf(inDisorder)
        rewritten += generation > 1 ? 1 : 0
        expect(await totalsOf(inDisorder), where).toEqual(await totalsOf(inOrder))
        await expect.poll(() => follower.ready && generationIn(follower.epoch)).toBe(generation)
        expect(follower.state, where).toEqual(await foldOfLog(inDisorder))
        const straight = await foldOfLog(inOrder)
        for (const [id, live] of Object.entries(straight.lives)) {
          const mixed = follower.state.lives[id]
          expect(rowsOf(mixed), where).toEqual(rowsOf(live))
          expect(mixed?.totals, where).toEqual(live.totals)
          expect(mixed?.started_at, where).toBe(live.started_at)
          expect(mixed?.ended_at, where).toBe(live.ended_at)
        }
        expect(await resettleCreator(database, serverTenant(inDisorder)), where).toEqual({
          rewritten: 0,
          raised: false,
        })
      }
    }
    expect(rewritten).toBeGreaterThan(seeds * 0.9)
  })

  test('[RECOUNT-2] creators without a note have nothing to re-attribute', {
    timeout: 300_000,
  }, async () => {
    let quiet = 0
    for (const group of groups) {
      const creatorIds = await Promise.all(
        group.map(async (seed) => {
          const random = createRandom(`nearly/${seed}`)
          const creatorId = `nearly-${seed}`
          await newCreator(creatorId)
          // One in four in order: nothing asks for a recount there.
          const isCalm = seed % 4 === 0
          const sent = isCalm ? withoutLastMoments(stripped(seed)) : stripped(seed)
          for (let n = isCalm ? 0 : random.between(0, 4); n > 0; n--) {
            const from = random.between(0, sent.length - 1)
            const [moved] = sent.splice(from, 1)
            if (moved) sent.splice(Math.min(sent.length, from + random.between(1, 300)), 0, moved)
          }
          await send(creatorId, sent, () => random.between(1, 200))
          const noted = await isNoted(creatorId)
          if (isCalm) expect(noted, creatorId).toBe(false)
          if (!noted) quiet++
          return creatorId
        }),
      )
      await settleNoted()
      for (const creatorId of creatorIds) {
        const before = await sessionsOf(creatorId)
        await resettleCreator(database, serverTenant(creatorId))
        expect(await sessionsOf(creatorId), creatorId).toEqual(before)
      }
    }
    expect(quiet).toBeGreaterThan(0)
    expect(quiet).toBeLessThan(seeds)
  })

  /** An event at the exact moment of an end belongs to no LIVE, and nobody knows before the end arrives. */
  function withoutLastMoments(events: readonly IncomingEvent[]): IncomingEvent[] {
    const ends = new Set(events.filter(({ type }) => type === 'live_ended').map(({ ts }) => ts))
    return events.filter(({ type, ts }) => type === 'live_ended' || !ends.has(ts))
  }

  async function newCreator(id: string): Promise<void> {
    const creator = { id, name: id, time_zone: 'Europe/Berlin', currency: 'USD', locale: 'en' }
    await database.transaction((tx) => insertCreator(tx, { ...creator, kind: 'real' }))
  }

  async function send(
    creatorId: string,
    events: readonly IncomingEvent[],
    size: () => number,
  ): Promise<void> {
    for (let at = 0; at < events.length; ) {
      const part = events.slice(at, at + size())
      at += part.length
      const batch = part.map((event) => acceptedEvent(creatorId, event, event, NOON))
      const outcomes = await pipeline.submit(batch, 'live')
      expect(outcomes.filter(({ kind }) => kind === 'rejected')).toEqual([])
    }
  }

  async function settleNoted(): Promise<void> {
    await resettleNoted({ database, bus, config, log })
    expect(await database.query(sql`select creator_id from resettle`)).toEqual([])
  }

  async function isNoted(creatorId: string): Promise<boolean> {
    const rows = await database.query(
      sql`select reason from resettle where creator_id = ${creatorId}`,
    )
    return rows.length > 0
  }

  async function generationOf(creatorId: string): Promise<number> {
    const [row] = await database.query<{ generation: number }>(
      sql`select generation from counters where creator_id = ${creatorId}`,
    )
    return row?.generation ?? 0
  }

  async function sessionsOf(creatorId: string): Promise<Record<string, unknown>> {
    const rows = await logOf(database, creatorId)
    return Object.fromEntries(rows.map((row) => [row.id, [row.session_id, row.pin_id]]))
  }

  /** Every total of every LIVE, pin and day by SQL. */
  async function totalsOf(creatorId: string): Promise<Record<string, unknown>> {
    const totals: Record<string, unknown> = {}
    const rows = await logOf(database, creatorId)
    for (const by of ['session_id', 'day'] as const) {
      for (const [of, found] of await catalogueTotalsBy(database, creatorId, by)) {
        totals[`${by} ${of}`] = found
      }
    }
    for (const { pin_id, type, units, money } of rows) {
      if (pin_id === null || type === 'product_pinned') continue
      const key = `pin ${pin_id} ${type}`
      const [u, m] = (totals[key] as number[] | undefined) ?? [0, 0]
      totals[key] = [(u as number) + units, (m as number) + money]
    }
    return totals
  }

  async function foldOfLog(creatorId: string): Promise<LiveState> {
    const state = emptyState()
    for (;;) {
      const events = await readLog(database, serverTenant(creatorId), state.seq)
      if (events.length === 0) return state
      fold(state, events)
    }
  }
})

/**
 * One to three LIVEs of a creator, one after another or simultaneous, in order of time, named only by their
 * start.
 */
function stripped(seed: number): IncomingEvent[] {
  const random = createRandom(`stripped/${seed}`)
  const lives = Array.from({ length: random.between(1, 3) }, (_, n) =>
    simulateLive({
      seed: seed * 10 + n,
      sessionId: `live-${n}`,
      startAt: NOON + n * random.between(1, 40) * MINUTE_MS,
      durationMs: random.between(60_000, 240_000),
      rate: 0.12,
      currency: 'USD',
      timeZone: 'Europe/Berlin',
    }),
  )
  return lives
    .flatMap(({ events }) => [...events])
    .sort((a, b) => a.ts - b.ts)
    .map(({ session_id, pin_id: _, ...event }) =>
      event.type === 'live_started' ? { ...event, session_id } : event,
    )
}

const generationIn = (epoch: string): number => Number(epoch.split('.')[1])

/** Products and pins by id: their row depends on the order of arrival. */
function rowsOf(live: LiveEntry | undefined) {
  return (
    live && {
      products: cellsById(live.products, live.product_rows),
      pins: cellsById(live.pins, live.pin_rows),
    }
  )
}
