import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import { fold } from '@creatorflow/shared/fold'
import { FOLD_VERSION } from '@creatorflow/shared/fold-version'
import { emptyState } from '@creatorflow/shared/live-state'
import { createRandom } from '@creatorflow/shared/simulator/random'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { scaled } from '../../../scripts/test/long-run.ts'
import { nextOf, numberedEvents } from '../../test/live-events.ts'
import { observedDatabase } from '../../test/observed-database.ts'
import { createWrittenLogs, type WrittenLogs } from '../../test/written-log.ts'
import { type Log, silentLog } from '../core/log.ts'
import { writeDueCheckpoints } from '../jobs/checkpoints.ts'
import { decodeState, writeCheckpoint } from './checkpoint.ts'

const SEEDS = scaled(3, 20)
const log = silentLog()
const config = { checkpointEvents: 1, checkpointIntervalS: 30 }

test('[STORE-5] a state that went through a checkpoint is the same in every value and order, and folds on alike', () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = createRandom(`checkpoint ${seed}`)
    const events = numberedEvents(random, { lives: 12, products: 700, pins: 20, minutes: 2_000 })
    const state = emptyState()
    for (let part = 0; part < 6; part++) {
      fold(state, nextOf(events, random.between(1, 400)))
      const text = JSON.stringify(state)
      const read = decodeState(text, state.seq)
      if (!read) throw new Error(`seed ${seed}: not read`)
      expect(read).toStrictEqual(state)
      // Key order too: which bucket, product or happening is dropped next may depend on it.
      const more = nextOf(events, random.between(1, 200))
      fold(read, more)
      fold(state, more)
      expect(JSON.stringify(read)).toBe(JSON.stringify(state))
    }
  }
})

test('[STORE-5] invalid states, and states of another position, are recognized', () => {
  const events = numberedEvents(createRandom('shape'), {
    lives: 2,
    products: 9,
    pins: 2,
    minutes: 5,
  })
  const state = fold(emptyState(), nextOf(events, 50))
  const broken = (change: (copy: Record<string, unknown>, live: object) => void) => {
    const copy = JSON.parse(JSON.stringify(state))
    change(copy, Object.values(copy.lives)[0] as object)
    return JSON.stringify(copy)
  }
  const text = JSON.stringify(state)
  expect(decodeState(text, 50)).toStrictEqual(state)
  const wrong = [
    'null',
    '[]',
    '{"seq":50}',
    text.slice(0, -9),
    broken((copy) => Object.assign(copy, { seq: 49 })),
    broken((copy) => Object.assign(copy, { days: [] })),
    broken((copy) => Object.assign(copy, { days: { '2026-11-20': {} } })),
    broken((_, live) => Object.assign(live, { minutes: null })),
    broken((_, live) => Object.assign(live, { products_other: null })),
    broken((_, live) => Object.assign(live, { products: { gmv: { 0: 1 } } })),
    broken((_, live) => Object.assign(live, { tens_from: undefined })),
    broken((_, live) => Object.assign(live, { session_id: 'another' })),
    broken((_, live) => Object.assign(live, { started_at: null })),
    broken((_, live) => Object.assign(live, { outside: { minutes: {} } })),
  ]
  for (const each of wrong) expect(decodeState(each, 50), each.slice(0, 80)).toBeUndefined()
})

describe.each(databases())('checkpoints on $name', (backend) => {
  let database: Database
  let logs: WrittenLogs
  let rowsRead = 0

  beforeAll(async () => {
    database = observedDatabase(await openTestDatabase(backend), {
      after(text, rows) {
        if (/from (tail|events)/.test(text)) rowsRead += rows.length
      },
    })
    logs = createWrittenLogs(database)
  })
  afterAll(async () => {
    await logs?.[Symbol.asyncDispose]()
    await database?.[Symbol.asyncDispose]()
  })

  const store = () => writeDueCheckpoints({ database, config, log })
  const headOf = async (creator_id: string) => {
    const [row] = await database.query<{ generation: number }>(
      sql`select generation from counters where creator_id = ${creator_id}`,
    )
    return { creator_id, generation: row?.generation ?? 0 }
  }

  test(`[STORE-5] a node that starts at a checkpoint equals the fold of the whole log, ${SEEDS} seeds`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = createRandom(`begin ${seed}`)
      const creatorId = await logs.newCreator()
      await using early = logs.newNode()
      await early.get(creatorId)
      for (let step = 0; step < 6; step++) {
        await logs.send(creatorId, random.between(1, 60))
        if (random.chance(0.6)) await store()
        if (random.chance(0.2)) await logs.rewrite(creatorId)
        if (random.chance(0.3)) {
          const upTo = random.between(0, 200)
          await database.query(
            sql`delete from tail where creator_id = ${creatorId} and seq <= ${upTo}::bigint`,
          )
        }
        await using late = logs.newNode()
        const follower = await late.get(creatorId)
        const truth = await logs.foldOfLog(creatorId)
        expect(follower.state, `seed ${seed}, step ${step}`).toStrictEqual(truth)
        await early.poll()
        const kept = early.all.get(creatorId)
        await expect.poll(() => kept?.ready && kept.epoch).toBe(follower.epoch)
        expect(kept?.state, `seed ${seed}, step ${step}`).toStrictEqual(truth)
      }
    }
  }, 120_000)

  test('[STORE-5] an unreadable checkpoint is skipped with a warning: the previous one is used, else the log', async () => {
    const creatorId = await logs.newCreator()
    for (let i = 0; i < 2; i++) {
      await logs.send(creatorId, 30)
      await store()
    }
    const truth = await logs.foldOfLog(creatorId)
    for (const [position, expected] of [
      [60, 1],
      [30, 2],
    ] as const) {
      await database.query(
        sql`update checkpoints set state = '{"seq": 0}' where creator_id = ${creatorId} and seq = ${position}::bigint`,
      )
      const warnings: unknown[] = []
      const warn = (...line: unknown[]) => void warnings.push(line)
      rowsRead = 0
      await using node = logs.newNode({ ...log, warn } as unknown as Log)
      const follower = await node.get(creatorId)
      expect(follower.state).toStrictEqual(truth)
      expect(warnings).toHaveLength(expected)
      expect(rowsRead).toBe(60 - (expected === 1 ? 30 : 0))
    }
  })

  test('[STORE-5] a checkpoint of another generation or fold, or ahead of the log, is not used', async () => {
    const creatorId = await logs.newCreator()
    await logs.send(creatorId, 20)
    const { generation } = await headOf(creatorId)
    const state = emptyState()
    for (const [of, version, seq] of [
      [generation + 1, FOLD_VERSION, 10],
      [generation, FOLD_VERSION + 1, 10],
      [generation, FOLD_VERSION, 21],
    ] as const) {
      await database.query(sql`
        insert into checkpoints (creator_id, generation, fold_version, seq, state)
        values (${creatorId}, ${of}::int, ${version}::int, ${seq}::bigint,
          ${JSON.stringify({ ...state, seq })}::json)`)
    }
    await using node = logs.newNode()
    expect((await node.get(creatorId)).state).toStrictEqual(await logs.foldOfLog(creatorId))
  })

  test('[STORE-5] a checkpoint never outlives its generation, however the two meet', async () => {
    const creatorId = await logs.newCreator()
    await logs.send(creatorId, 20)
    // As the jobs that raise it do.
    const raise = () =>
      database.transaction(async (tx) => {
        await tx.query(
          sql`update counters set generation = generation + 1 where creator_id = ${creatorId}`,
        )
        await tx.query(sql`delete from checkpoints where creator_id = ${creatorId}`)
      })
    const strangers = () =>
      database.query(sql`
        select from checkpoints k join counters c using (creator_id)
        where creator_id = ${creatorId} and k.generation <> c.generation`)

    const before = await headOf(creatorId)
    const stale = await logs.foldOfLog(creatorId)
    expect(await writeCheckpoint(database, before, stale)).toBe(true)
    await raise()
    expect(await writeCheckpoint(database, before, stale)).toBe(false)
    expect(await strangers()).toEqual([])

    const stored = new Set<boolean>()
    for (let i = 0; i < 40; i++) {
      const head = await headOf(creatorId)
      const state = await logs.foldOfLog(creatorId)
      const first = i % 2 === 0
      const write = () => writeCheckpoint(database, head, state)
      const both = first ? [write(), raise()] : [raise(), write()]
      const results = await Promise.all(both)
      stored.add(results[first ? 0 : 1] as boolean)
      expect(await strangers(), `round ${i}`).toEqual([])
    }
    expect(stored.has(false)).toBe(true)
  })

  test('[STORE-5] a starting node reads the checkpoint and what came after it, nothing else', async () => {
    const creatorId = await logs.newCreator()
    await logs.send(creatorId, 6_000)
    await store()
    await logs.send(creatorId, 70)
    for (const isTrimmed of [false, true]) {
      if (isTrimmed) await database.query(sql`delete from tail where creator_id = ${creatorId}`)
      rowsRead = 0
      await using node = logs.newNode()
      const all = await Promise.all(Array.from({ length: 1_000 }, () => node.get(creatorId)))
      // If the tail has nothing, one row says so before the log is read.
      expect(rowsRead).toBe(70 + (isTrimmed ? 1 : 0))
      expect(all[0]?.state).toStrictEqual(await logs.foldOfLog(creatorId))
    }
  })

  test('[STORE-5] a screen behind the tail continues from a newer checkpoint with a snapshot, never backwards', async () => {
    for (const isReadable of [true, false]) {
      const creatorId = await logs.newCreator()
      await logs.send(creatorId, 5)
      await store()
      await logs.send(creatorId, 5)
      await using node = logs.newNode()
      const follower = await node.get(creatorId)
      follower.flush()
      const { epoch } = follower
      // On its own bus: this node gets no messages.
      await using sender = createWrittenLogs(database)
      await sender.send(creatorId, 6_000)
      await store()
      await sender.send(creatorId, 10)
      await database.query(sql`delete from tail where creator_id = ${creatorId} and seq <= 6010`)
      if (!isReadable) {
        await database.query(
          sql`update checkpoints set state = '[]' where creator_id = ${creatorId} and seq = 6010`,
        )
      }
      rowsRead = 0
      await node.poll()
      await expect.poll(() => follower.ready && follower.state.seq).toBe(6_020)
      const page = backend.name === 'embedded' ? 2_000 : 5_000
      // A page of the log and the tail after the checkpoint; otherwise the log to its end, where each page
      // asks the tail first.
      if (isReadable) expect(rowsRead).toBeLessThanOrEqual(page + 10 + 2)
      else expect(rowsRead).toBeLessThanOrEqual(6_010 + 6_010 / page + 2)
      expect(follower.epoch).toBe(epoch)
      expect(follower.since(10) === undefined).toBe(isReadable)
      expect(follower.flush() === undefined).toBe(isReadable)
      expect(follower.state).toStrictEqual(await logs.foldOfLog(creatorId))
    }
  })
})
