import type { Database } from '@creatorflow/db/database'
import { raw, sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import type { IncomingEvent } from '@creatorflow/shared/events'
import { shuffle, withDuplicates } from '@creatorflow/shared/simulator/disorder'
import { createRandom } from '@creatorflow/shared/simulator/random'
import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { editions } from '../../../scripts/test/backends.ts'
import { scaled } from '../../../scripts/test/long-run.ts'
import { logOf } from '../../test/log-rows.ts'
import { observedDatabase } from '../../test/observed-database.ts'
import { catalogueTotalsBy } from '../../test/sql-oracle.ts'
import { createInProcessBus } from '../bus/in-process.ts'
import { loadConfig } from '../config.ts'
import { silentLog } from '../core/log.ts'
import { serverTenant } from '../core/rights/authorize.ts'
import { createTelemetry } from '../core/telemetry.ts'
import { insertCreator } from '../identity/creators/creators.ts'
import { resettleNoted } from '../jobs/resettle.ts'
import { acceptedEvent } from '../pipeline/accept.ts'
import { createPipeline, type Pipeline } from '../pipeline/pipeline.ts'
import { drop } from '../retention/drop.ts'
import { resettleCreator } from './resettle.ts'

/** Midnight in Tokyo falls into the LIVEs. */
const START = Date.UTC(2026, 9, 20, 14, 56)
const MINUTE_MS = 60_000
const SEEDS = scaled(2, 4)
/** Each part of the rewrite is a separate transaction. */
const shortest = { eventsAPage: 70, rowsAStep: 40 }

describe.each(editions())('rewriting in parts on $name', (backend) => {
  const log = silentLog()
  const telemetry = createTelemetry()
  const bus = createInProcessBus({ log, telemetry })
  const config = loadConfig({ RESETTLE_DELAY_MS: '0' })
  let database: Database
  let pipeline: Pipeline
  let creators = 0

  beforeAll(async () => {
    database = await openTestDatabase(backend)
    pipeline = createPipeline({ database, bus, config, log, telemetry })
  })
  afterAll(async () => {
    await pipeline?.[Symbol.asyncDispose]()
    await database?.[Symbol.asyncDispose]()
  })

  async function newCreator(time_zone = 'UTC'): Promise<string> {
    const id = `stints-${++creators}`
    const creator = { id, name: id, time_zone, currency: 'USD', locale: 'en', kind: 'real' }
    await database.transaction((tx) =>
      insertCreator(tx, creator as Parameters<typeof insertCreator>[1]),
    )
    return id
  }

  async function send(creatorId: string, events: readonly IncomingEvent[]): Promise<void> {
    const batch = events.map((event) => acceptedEvent(creatorId, event, event, START))
    const outcomes = await pipeline.submit(batch, 'live')
    expect(outcomes.filter(({ kind }) => kind === 'rejected')).toEqual([])
  }

  /** The database, with a hook after each transaction it commits for the rewrite. */
  function between(act: (n: number) => Promise<void>): Database {
    let n = 0
    return {
      ...database,
      async transaction(work) {
        const result = await database.transaction(work)
        await act(++n)
        return result
      },
    }
  }

  const round = () => resettleNoted({ database, bus, config: { resettleDelayMs: 0 }, log })

  async function noteOf(creatorId: string) {
    const [note] = await database.query<{ rewritten_by: string | null }>(
      sql`select rewritten_by::text from resettle where creator_id = ${creatorId}`,
    )
    return note
  }

  async function totalsOf(creatorId: string): Promise<unknown> {
    const totals: Record<string, unknown> = {}
    for (const by of ['session_id', 'day'] as const) {
      for (const [of, found] of await catalogueTotalsBy(database, creatorId, by)) {
        totals[`${by} ${of}`] = found
      }
    }
    return totals
  }

  /** Everything that settling decides, rows and related tables. */
  async function decidedOf(creatorId: string): Promise<unknown> {
    const tables = ['claims', 'lives', 'pin_marks', 'people_days'].map(async (table) => {
      const rows = await database.query(
        sql`select t.* from ${raw(table)} t where creator_id = ${creatorId}`,
      )
      return [table, rows.map((row) => JSON.stringify(row)).toSorted()]
    })
    return {
      log: await logOf(database, creatorId),
      ...Object.fromEntries(await Promise.all(tables)),
    }
  }

  /** Creators without a note must have nothing left to settle; others, nothing after one run. */
  async function expectSettled(creatorId: string): Promise<void> {
    if (await noteOf(creatorId)) await round()
    expect(await noteOf(creatorId)).toBeUndefined()
    const decided = await decidedOf(creatorId)
    const tenant = serverTenant(creatorId)
    expect(await resettleCreator(database, tenant)).toEqual({ rewritten: 0, raised: false })
    expect(await decidedOf(creatorId)).toEqual(decided)
  }

  test('[RECOUNT-5][P4] events that arrive between the parts end as if all had been sent in order', {
    timeout: 300_000,
  }, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = createRandom(`stints/${seed}`)
      const events = unnamed(seed)
      const inOrder = await newCreator()
      await send(inOrder, events)
      const inParts = await newCreator()
      const sent = shuffle(seed, withDuplicates(seed, events))
      const rest = sent.splice(Math.floor(sent.length * random.next()))
      await send(inParts, sent)
      const stints = between(async () => {
        await send(inParts, rest.splice(0, random.between(0, 60)))
      })
      const tenant = serverTenant(inParts)
      expect(await resettleCreator(stints, tenant, {}, { size: shortest })).toBeDefined()
      await send(inParts, rest)
      await expectSettled(inParts)
      await round()
      expect(await totalsOf(inParts), `seed ${seed}`).toEqual(await totalsOf(inOrder))
    }
  })

  test('[RECOUNT-5] events in order between the parts ask for no second run', async () => {
    const creatorId = await newCreator()
    const events = unnamed(20)
    const starts = events.filter(({ type }) => type === 'live_started')
    const others = events.filter(({ type }) => !/^live_/.test(type))
    const rest = others.splice(others.length >> 1)
    await send(creatorId, others)
    await send(creatorId, starts)
    let parts = 0
    const stints = between(async () => {
      parts++
      await send(creatorId, rest.splice(0, 20))
    })
    await resettleCreator(stints, serverTenant(creatorId), {}, { size: shortest })
    expect(parts).toBeGreaterThan(2)
    await expectSettled(creatorId)
  })

  test('[RECOUNT-5] a figure restated between the parts asks for another run, and its newest revision counts', async () => {
    const inOrder = await newCreator()
    const creatorId = await newCreator()
    const events = unnamed(25)
    const spent = (amount: number, revision: number): IncomingEvent => ({
      id: 'spend',
      type: 'ad_spend_incurred',
      ts: START + MINUTE_MS,
      amount,
      revision,
    })
    const views = (total: number, revision: number): IncomingEvent => ({
      id: 'views',
      type: 'video_view',
      ts: START + MINUTE_MS,
      video_id: 'v',
      properties: { total },
      revision,
    })
    await send(inOrder, [...events, spent(300, 2), views(900, 2)])
    const [first, ...rest] = events
    await send(creatorId, [...rest, spent(500, 0), views(1_000, 0)])
    const revisions = [
      [spent(400, 1), views(950, 1)],
      [spent(300, 2), views(900, 2)],
    ]
    await send(creatorId, [first as IncomingEvent])
    const stints = between(() => send(creatorId, revisions.shift() ?? []))
    await resettleCreator(stints, serverTenant(creatorId), {}, { size: shortest })
    expect(revisions).toEqual([])
    expect(await noteOf(creatorId)).toBeDefined()
    await expectSettled(creatorId)
    await round()
    expect(await totalsOf(creatorId)).toEqual(await totalsOf(inOrder))
  })

  test('[RECOUNT-4] a rewrite left half-done by a failure or crash says so, and is finished', async () => {
    for (const isCrash of [false, true]) {
      const inOrder = await newCreator()
      const creatorId = await newCreator()
      const events = unnamed(30)
      await send(inOrder, events)
      await send(creatorId, shuffle(30, events))
      const dying: Database = {
        ...between(async (n) => {
          if (n === 2) throw new Error('this node is gone')
        }),
        query: (statement) => {
          // A crashed process releases nothing.
          if (isCrash && statement.text.includes('set rewriting_until = null'))
            throw new Error('this node is gone')
          return database.query(statement)
        },
      }
      const tenant = serverTenant(creatorId)
      const failed = resettleCreator(dying, tenant, {}, { size: shortest })
      await expect(failed).rejects.toThrow('this node is gone')
      expect((await noteOf(creatorId))?.rewritten_by).toBeTruthy()
      const staged = { tenant, generation: 1, events: 0, lives: 0, holesUntil: 0 }
      expect(await drop(database, { since: 0, before: 0 }, [staged])).toEqual([staged])
      if (isCrash) {
        await round()
        expect((await noteOf(creatorId))?.rewritten_by).toBeTruthy()
        await database.query(sql`
          update resettle set rewriting_until = clock_timestamp(), beat_at = null
          where creator_id = ${creatorId}`)
      }
      await round()
      await expectSettled(creatorId)
      await round()
      expect(await totalsOf(creatorId)).toEqual(await totalsOf(inOrder))
    }
  })

  test('[RECOUNT-4] while a log is being rewritten nobody else starts on it', async () => {
    const creatorId = await newCreator()
    await send(creatorId, unnamed(35))
    await database.query(sql`
      insert into resettle (creator_id, reason, rewritten_by, rewriting_until)
      values (${creatorId}, 'live', gen_random_uuid(), clock_timestamp() + interval '1 hour')`)
    const observed = observedDatabase(database, {
      before(text) {
        if (text.includes('from events')) throw new Error('the log was read')
      },
    })
    const second = resettleCreator(observed, serverTenant(creatorId), { time_zone: 'Asia/Tokyo' })
    await expect(second).rejects.toMatchObject({ code: 'unavailable' })
    await database.query(sql`delete from resettle where creator_id = ${creatorId}`)
  })

  test('[RECOUNT-4] two rewriters of the same log never mix their rows', async () => {
    const inOrder = await newCreator()
    const creatorId = await newCreator()
    const events = unnamed(40)
    await send(inOrder, events)
    await send(creatorId, shuffle(40, events))
    const tenant = serverTenant(creatorId)
    // The second one read the log before the first one started, which then fails with rows in another zone.
    const begun = Promise.withResolvers<void>()
    const hasRead = Promise.withResolvers<void>()
    const slow: Database = {
      ...database,
      async transaction(work) {
        hasRead.resolve()
        await begun.promise
        return database.transaction(work)
      },
    }
    const failing = between(async (n) => {
      if (n === 2) throw new Error('no more')
    })
    const second = resettleCreator(slow, tenant)
    await hasRead.promise
    const first = resettleCreator(failing, tenant, { time_zone: 'Asia/Tokyo' }, { size: shortest })
    await expect(first).rejects.toThrow('no more')
    begun.resolve()
    await second
    await expectSettled(creatorId)
    await round()
    expect(await totalsOf(creatorId)).toEqual(await totalsOf(inOrder))
  })

  test('[COUNT-5][RECOUNT-5] events between the parts of a zone change get the final zone', async () => {
    const inZone = await newCreator('Asia/Tokyo')
    const creatorId = await newCreator()
    const events = unnamed(50)
    await send(inZone, events)
    const rest = events.splice(events.length >> 1)
    await send(creatorId, events)
    const stints = between(() => send(creatorId, rest.splice(0, 40)))
    const tenant = serverTenant(creatorId)
    const change = { time_zone: 'Asia/Tokyo' }
    expect(await resettleCreator(stints, tenant, change, { size: shortest })).toMatchObject({
      raised: true,
    })
    await send(creatorId, rest)
    await expectSettled(creatorId)
    await round()
    expect(await totalsOf(creatorId)).toEqual(await totalsOf(inZone))
  })

  test('[P7][RECOUNT-5] other creators are served between the parts, on the embedded database too', async () => {
    const creatorId = await newCreator()
    const other = await newCreator()
    const events = unnamed(60)
    await send(creatorId, shuffle(60, events))
    const served: number[] = []
    let parts = 0
    const stints = between(async (n) => {
      parts = n
    })
    const settling = resettleCreator(stints, serverTenant(creatorId), {}, { size: shortest })
    for (let n = 0; n < 5; n++) {
      await send(other, [{ id: `like-${n}`, type: 'like', ts: START }])
      served.push(parts)
    }
    await settling
    expect(served.some((before) => before < parts)).toBe(true)
    await expectSettled(creatorId)
  })
})

/** Two LIVEs, in order of time, named only by their start. */
function unnamed(seed: number): IncomingEvent[] {
  const random = createRandom(`unnamed/${seed}`)
  const lives = [0, 1].map((n) =>
    simulateLive({
      seed: seed * 10 + n,
      sessionId: `live-${n}`,
      startAt: START + n * random.between(1, 4) * MINUTE_MS,
      durationMs: 3 * MINUTE_MS,
      rate: 0.12,
      currency: 'USD',
      timeZone: 'UTC',
    }),
  )
  return lives
    .flatMap(({ events }) => [...events])
    .sort((a, b) => a.ts - b.ts)
    .map(({ session_id, pin_id: _, ...event }) =>
      event.type === 'live_started' ? { ...event, session_id } : event,
    )
}
