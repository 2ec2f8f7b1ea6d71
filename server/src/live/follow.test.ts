import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import { fold } from '@creatorflow/shared/fold'
import { emptyState, latestLive, snapshotOf } from '@creatorflow/shared/live-state'
import { createRandom } from '@creatorflow/shared/simulator/random'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { scaled } from '../../../scripts/test/long-run.ts'
import { createFaultyBus, type Faults } from '../../test/live-bus.ts'
import { sentEvents } from '../../test/live-events.ts'
import { createScreen, isExact } from '../../test/live-screen.ts'
import { observedDatabase } from '../../test/observed-database.ts'
import { silentLog } from '../core/log.ts'
import { serverTenant } from '../core/rights/authorize.ts'
import { createTelemetry } from '../core/telemetry.ts'
import { readLog } from '../eventlog/log-reader.ts'
import { insertCreator } from '../identity/creators/creators.ts'
import { accept } from '../pipeline/accept.ts'
import { createPipeline } from '../pipeline/pipeline.ts'
import { createFollowers } from './followers.ts'

const owner = { kind: 'owner' } as const
let creators = 0

const SEEDS = scaled(5, 25)

describe.each(databases())('following on $name', (backend) => {
  let database: Database
  let databaseId = ''
  let queries: string[] = []
  let isDown = false
  let renames = 0

  beforeAll(async () => {
    const opened = await openTestDatabase(backend)
    database = observedDatabase(opened, {
      before(text) {
        queries.push(text)
        if (isDown) throw new Error('the database is away')
      },
      after(text, rows) {
        if (/update database_identity/.test(text)) renames += rows.length
      },
    })
    const [row] = await opened.query<{ id: string }>(
      sql`select id::text as id from database_identity`,
    )
    databaseId = row?.id ?? ''
  })
  afterAll(() => database[Symbol.asyncDispose]())

  async function newCreator(): Promise<string> {
    const id = `followed-${++creators}`
    const creator = { id, name: id, time_zone: 'UTC', currency: 'USD', locale: 'en' }
    await database.transaction((tx) => insertCreator(tx, { ...creator, kind: 'real' }))
    return id
  }

  async function setUp(given: Partial<Faults> = {}, seed = 1) {
    const faults = { lose: 0, double: 0, delay: 0, ...given }
    const random = createRandom(`bus ${seed}`)
    const bus = createFaultyBus(random, faults)
    const common = { database, bus, log: silentLog(), telemetry: createTelemetry() }
    const config = {
      maxBatchEvents: 50,
      maxQueuedEvents: 10_000,
      busyCreatorWaitMs: 30_000,
      maxDeadLetters: 100,
      maxDeadLetterBytes: 1_000_000,
      maxRedisMessageBytes: 65_536,
    }
    const pipeline = createPipeline({ ...common, config })
    const followers = createFollowers({ ...common, config: { maxFollowedCreators: 100 } }, 0)
    const creatorId = await newCreator()
    const more: AsyncDisposable[] = []
    return {
      faults,
      random,
      creatorId,
      followers,
      /** As another node has them. */
      moreFollowers() {
        const others = createFollowers({ ...common, config: { maxFollowedCreators: 100 } }, 0)
        more.push(others)
        return others
      },
      telemetry: common.telemetry,
      async send(count: number) {
        const accepted = sentEvents(creatorId, count).map((event) => {
          const result = accept(event, owner, Date.now())
          if (!result.ok) throw new Error(result.reject.message)
          return result.event
        })
        const outcomes = await pipeline.submit(accepted, 'live')
        expect(outcomes.every(({ kind }) => kind === 'accepted')).toBe(true)
        // The bus delivers in microtasks.
        await new Promise(setImmediate)
      },
      async [Symbol.asyncDispose]() {
        await pipeline[Symbol.asyncDispose]()
        for (const each of [followers, ...more]) await each[Symbol.asyncDispose]()
        await bus[Symbol.asyncDispose]()
      },
    }
  }

  async function foldOfLog(creatorId: string) {
    const state = emptyState()
    for (;;) {
      const events = await readLog(database, serverTenant(creatorId), state.seq)
      if (events.length === 0) return state
      fold(state, events)
    }
  }

  test('[SCREEN-1] messages from the bus are folded without asking the database', async () => {
    await using run = await setUp()
    await run.send(30)
    const follower = await run.followers.get(run.creatorId)
    expect(follower.state.seq).toBe(30)
    queries = []
    await run.send(70)
    expect(follower.state.seq).toBe(100)
    expect(queries.filter((text) => /from (tail|events)/.test(text))).toEqual([])
    expect(follower.state).toEqual(await foldOfLog(run.creatorId))
  })

  test('[SCREEN-1] a hole is read from the tail, even if trimmed in the middle, else from the log', async () => {
    await using run = await setUp()
    const follower = await run.followers.get(run.creatorId)
    for (const trim of ['nothing', 'middle', 'all'] as const) {
      run.faults.lose = 1
      await run.send(40)
      const { seq } = follower.state
      const from = trim === 'middle' ? seq + 10 : 0
      if (trim !== 'nothing') {
        await database.query(
          sql`delete from tail where creator_id = ${run.creatorId} and seq between ${from} and ${seq + 20}`,
        )
      }
      run.faults.lose = 0
      queries = []
      await run.send(5)
      await expect.poll(() => follower.state.seq).toBe(seq + 45)
      expect(queries.some((text) => /properties/.test(text) && /from events/.test(text))).toBe(
        trim !== 'nothing',
      )
      expect(follower.state).toEqual(await foldOfLog(run.creatorId))
    }
  })

  test('[SCREEN-1] a lost last message is found by the next poll', async () => {
    await using run = await setUp()
    const follower = await run.followers.get(run.creatorId)
    await run.send(10)
    run.faults.lose = 1
    await run.send(10)
    expect(follower.state.seq).toBe(10)
    await run.followers.poll()
    await expect.poll(() => follower.state.seq).toBe(20)
    expect(follower.state).toEqual(await foldOfLog(run.creatorId))
  })

  test('[SCREEN-1] one statement reads and confirms the heads of all creators', async () => {
    await using run = await setUp()
    const others = await Promise.all([newCreator(), newCreator(), newCreator()])
    for (const id of [run.creatorId, ...others]) await run.followers.get(id)
    queries = []
    const before = performance.now()
    await run.followers.poll()
    expect(queries.length).toBe(1)
    for (const follower of run.followers.all.values()) {
      expect(follower.confirmedAt).toBeGreaterThanOrEqual(before)
    }
  })

  test('[SCREEN-2] another generation or another database means reading everything again', async () => {
    await using run = await setUp()
    await run.send(50)
    const follower = await run.followers.get(run.creatorId)
    const epochs = [follower.epoch]
    const raises = [
      sql`update counters set generation = generation + 1 where creator_id = ${run.creatorId}`,
      sql`update database_identity set id = gen_random_uuid()`,
    ]
    for (const raise of raises) {
      await run.send(1)
      follower.flush()
      await database.query(raise)
      // Like a job that re-attributes: the log says something else now.
      await database.query(
        sql`update events set money = money + 1 where creator_id = ${run.creatorId} and money > 0`,
      )
      await database.query(sql`delete from tail where creator_id = ${run.creatorId}`)
      await run.followers.poll()
      await expect.poll(() => !epochs.includes(follower.epoch) && follower.ready).toBe(true)
      epochs.push(follower.epoch)
      expect(follower.state).toEqual(await foldOfLog(run.creatorId))
      expect(follower.flush()).toBeUndefined()
      expect(follower.since(follower.state.seq - 1)).toBeUndefined()
      expect(follower.since(follower.state.seq)).toEqual({})
    }
    const [row] = await database.query<{ id: string }>(
      sql`select id::text as id from database_identity`,
    )
    databaseId = row?.id ?? ''
  })

  /** What an older copy of the database would hold: the log of this creator as it was at `seq`. */
  async function putBack(creatorId: string, seq: number): Promise<void> {
    await database.transaction(async (tx) => {
      const after = sql`where creator_id = ${creatorId} and seq > ${seq}::bigint`
      await tx.query(sql`delete from events ${after}`)
      await tx.query(sql`delete from tail ${after}`)
      await tx.query(sql`update counters set seq = ${seq}::bigint where creator_id = ${creatorId}`)
    })
  }

  const identity = async () =>
    (await database.query<{ id: string }>(sql`select id::text as id from database_identity`))[0]?.id

  describe('an older copy of the database in its place', () => {
    test('[LOSS-6] a log that went back gets a new epoch from one node, and is read again', async () => {
      await using run = await setUp()
      await run.send(40)
      const nodes = [run.followers, run.moreFollowers(), run.moreFollowers()]
      const followers = await Promise.all(nodes.map((node) => node.get(run.creatorId)))
      const { epoch } = run.followers.all.get(run.creatorId) ?? {}
      const before = await identity()
      renames = 0
      await putBack(run.creatorId, 25)
      await Promise.all(nodes.map((node) => node.poll()))
      for (const follower of followers) {
        await expect.poll(() => follower.ready && follower.epoch !== epoch).toBe(true)
        expect(follower.state).toEqual(await foldOfLog(run.creatorId))
        expect(follower.since(25)).toEqual({})
        expect(follower.since(40)).toBeUndefined()
      }
      expect(new Set(followers.map((follower) => follower.epoch)).size).toBe(1)
      expect(await identity()).not.toBe(before)
      expect(renames).toBe(1)
    })

    test.each([
      ['by a beat', 15],
      ['by a reading', 30],
    ])(
      '[LOSS-6] a log that continued with other events gets a new epoch, found %s',
      async (_, more) => {
        await using run = await setUp()
        await run.send(40)
        const follower = await run.followers.get(run.creatorId)
        await run.send(1)
        const { epoch } = follower
        await putBack(run.creatorId, 26)
        run.faults.lose = 1
        await run.send(more)
        await run.followers.poll()
        await expect.poll(() => follower.ready && follower.epoch !== epoch).toBe(true)
        expect(follower.state).toEqual(await foldOfLog(run.creatorId))
        run.faults.lose = 0
        await run.send(10)
        expect(follower.state).toEqual(await foldOfLog(run.creatorId))
      },
    )

    test('[LOSS-6] a log that only grew keeps its epoch', async () => {
      await using run = await setUp()
      await run.send(40)
      const follower = await run.followers.get(run.creatorId)
      const { epoch } = follower
      let sent = 0
      for (const lose of [1, 0, 1]) {
        run.faults.lose = lose
        await run.send(7)
        sent += 7
        await run.followers.poll()
        await expect.poll(() => follower.state.seq).toBe(40 + sent)
      }
      expect(follower.epoch).toBe(epoch)
    })
  })

  test('[SCREEN-2] events of another generation are never folded into this state', async () => {
    await using run = await setUp()
    await run.send(20)
    const follower = await run.followers.get(run.creatorId)
    run.faults.lose = 1
    await database.query(
      sql`update counters set generation = generation + 1 where creator_id = ${run.creatorId}`,
    )
    await run.send(5)
    const before = follower.epoch
    run.faults.lose = 0
    // The message after the hole is already of the new generation.
    await run.send(5)
    await expect.poll(() => follower.ready && follower.state.seq).toBe(30)
    expect(follower.epoch).not.toBe(before)
    expect(follower.state).toEqual(await foldOfLog(run.creatorId))
  })

  test('[SCREEN-1] a database answer older than the state is no reason to start over', async () => {
    await using run = await setUp()
    await run.send(10)
    const follower = await run.followers.get(run.creatorId)
    const [head] = await database.query<{ seq: number; generation: number }>(
      sql`select seq, generation from counters where creator_id = ${run.creatorId}`,
    )
    if (!head) throw new Error('no counters')
    const asked = { at: performance.now(), ...follower.position }
    await run.send(10)
    const { state } = follower
    follower.confirm({ ...head, creator_id: run.creatorId, database_id: databaseId }, asked)
    await run.followers.poll()
    expect(follower.state).toBe(state)
    expect(follower.state.seq).toBe(20)
  })

  test('[SCREEN-1] many simultaneous requests cost one read of the log', async () => {
    await using run = await setUp()
    await run.send(100)
    queries = []
    const all = await Promise.all(
      Array.from({ length: 1_000 }, () => run.followers.get(run.creatorId)),
    )
    expect(new Set(all).size).toBe(1)
    expect(queries.filter((text) => /from counters/.test(text)).length).toBe(1)
    expect(queries.length).toBe(2)
  })

  /** An event as a later release would have written it: in the log and in the tail, under the next number. */
  async function writeLater(creatorId: string): Promise<void> {
    await database.query(sql`
      with head as (
        update counters set seq = seq + 1 where creator_id = ${creatorId} returning seq
      ), logged as (
        insert into events (creator_id, seq, ts, received_at, id, type, day, session_id, live_started_at, opens_live)
        select ${creatorId}, seq, now(), now(), 'later', 'poll_answered', '2026-11-30', 'other', now(), 1 from head
      )
      insert into tail (creator_id, seq, event)
      select ${creatorId}, seq, json_build_object('seq', seq, 'ts', 1, 'id', 'later', 'type', 'poll_answered',
        'day', '2026-11-30') from head`)
  }

  test('[P3][TOTAL-5] a log written by a later release is answered update_needed and never confirmed', async () => {
    await using run = await setUp()
    await run.send(10)
    const follower = await run.followers.get(run.creatorId)
    await writeLater(run.creatorId)
    await run.followers.poll()
    await expect.poll(() => follower.problem?.code).toBe('update_needed')
    await expect(run.followers.get(run.creatorId)).rejects.toMatchObject({ code: 'update_needed' })
    expect(follower.ready).toBe(false)
    expect(follower.flush()).toBeUndefined()
    await run.send(5)
    await run.followers.poll()
    expect([follower.ready, follower.confirmedAt]).toEqual([false, Number.NEGATIVE_INFINITY])
    const later = await setUp()
    await later.send(3)
    await writeLater(later.creatorId)
    await expect(later.followers.get(later.creatorId)).rejects.toMatchObject({
      code: 'update_needed',
    })
    await later[Symbol.asyncDispose]()
  })

  test('[P7][SCREEN-1] while the database is away the head is unconfirmed; afterwards the follower catches up', async () => {
    await using run = await setUp()
    const follower = await run.followers.get(run.creatorId)
    run.faults.lose = 1
    await run.send(10)
    isDown = true
    try {
      const { confirmedAt } = follower
      for (let i = 0; i < 3; i++) await run.followers.poll()
      expect(follower.confirmedAt).toBe(confirmedAt)
      await follower.catchUp('poll')
      expect(follower.state.seq).toBe(0)
    } finally {
      isDown = false
    }
    await run.followers.poll()
    await expect.poll(() => follower.state.seq).toBe(10)
    const asked = performance.now()
    await run.followers.poll()
    expect(follower.confirmedAt).toBeGreaterThanOrEqual(asked)
  })

  test('[SCREEN-1] an unknown creator is not found, and a deleted one is released', async () => {
    await using run = await setUp()
    await expect(run.followers.get('nobody')).rejects.toMatchObject({ code: 'not_found' })
    expect(run.followers.all.size).toBe(0)
    await run.followers.get(run.creatorId)
    const gone: string[] = []
    run.followers.onGone((id) => gone.push(id))
    await database.query(
      sql`update counters set generation = generation + 1 where creator_id = ${run.creatorId}`,
    )
    await database.query(sql`delete from creators where id = ${run.creatorId}`)
    await run.followers.poll()
    await expect.poll(() => gone).toEqual([run.creatorId])
    expect(run.followers.all.size).toBe(0)
  })

  test('[P6][SCREEN-1] an unwatched creator is released after a while', async () => {
    await using run = await setUp()
    const follower = await run.followers.get(run.creatorId)
    run.followers.releaseUnused(() => true)
    expect(run.followers.all.size).toBe(1)
    run.followers.releaseUnused(() => false)
    expect(run.followers.all.size).toBe(0)
    await run.send(5)
    expect(follower.state.seq).toBe(0)
  })

  test(`[P3][SCREEN-3] with a bus that loses, repeats and reorders, state and screens equal the log, ${SEEDS} seeds`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      await using run = await setUp({ lose: 0.3, double: 0.1, delay: 0.1 }, seed)
      const { random, followers, creatorId } = run
      if (random.chance(0.5)) await run.send(random.between(1, 100))
      const follower = await followers.get(creatorId)
      const screens = Array.from({ length: 3 }, createScreen)
      const ask = (screen: (typeof screens)[number]) => {
        const { epoch, state } = follower
        const { position } = screen
        const changes = position.epoch === epoch ? follower.since(position.seq) : undefined
        const at = { epoch, seq: state.seq }
        if (changes) screen.answer({ ...at, recovered: true, changes })
        else {
          const snapshot = snapshotOf(state, latestLive(state.lives))
          screen.answer({ ...at, recovered: false, snapshot })
        }
      }
      screens.forEach(ask)
      for (let step = 0; step < 25; step++) {
        await run.send(random.between(1, 15))
        if (random.chance(0.1)) await followers.poll()
        if (random.chance(0.04)) {
          await database.query(
            sql`update counters set generation = generation + 1 where creator_id = ${creatorId}`,
          )
        }
        if (random.chance(0.3)) ask(random.pick(screens))
        const update = follower.flush()
        if (!update) continue
        for (const screen of screens) {
          if (random.chance(0.15)) continue
          if (!screen.update({ ...update, epoch: follower.epoch })) ask(screen)
          expect(isExact(screen, follower.state), `seed ${seed}, step ${step}`).toBe(true)
        }
      }
      await followers.poll()
      const truth = await foldOfLog(creatorId)
      await expect.poll(() => follower.ready && follower.state.seq).toBe(truth.seq)
      expect(follower.state, `seed ${seed}`).toEqual(truth)
      for (const screen of screens) {
        ask(screen)
        expect(isExact(screen, truth), `seed ${seed}, at the end`).toBe(true)
      }
    }
  }, 180_000)
})
