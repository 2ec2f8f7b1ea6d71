import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import { FOLD_VERSION } from '@creatorflow/shared/fold-version'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { startApp } from '../../test/harness.ts'
import { sentEvents } from '../../test/live-events.ts'
import { createWrittenLogs, type WrittenLogs } from '../../test/written-log.ts'
import { withLease } from '../core/lease.ts'
import { silentLog } from '../core/log.ts'
import { CHECKPOINT_LEASE, createCheckpoints, writeDueCheckpoints } from './checkpoints.ts'
import { trimTail } from './trim-tail.ts'

const log = silentLog()
const config = { checkpointEvents: 50, checkpointIntervalS: 30 }

describe.each(databases())('the jobs of checkpoints on $name', (backend) => {
  let database: Database
  let logs: WrittenLogs

  beforeAll(async () => {
    database = await openTestDatabase(backend)
    logs = createWrittenLogs(database)
  })
  afterAll(async () => {
    await logs?.[Symbol.asyncDispose]()
    await database?.[Symbol.asyncDispose]()
  })

  const store = (resting?: Map<string, number>) =>
    writeDueCheckpoints({ database, config, log }, resting)
  const positions = async (creatorId: string) => {
    const rows = await database.query<{ seq: number }>(
      sql`select seq from checkpoints where creator_id = ${creatorId} order by seq`,
    )
    return rows.map(({ seq }) => seq)
  }
  const age = (creatorId: string, table: 'tail' | 'checkpoints', seconds: number, upTo: number) =>
    database.query(
      table === 'tail'
        ? sql`update tail set written_at = now() - make_interval(secs => ${seconds}::float8)
              where creator_id = ${creatorId} and seq <= ${upTo}::bigint`
        : sql`update checkpoints set written_at = now() - make_interval(secs => ${seconds}::float8)
              where creator_id = ${creatorId} and seq <= ${upTo}::bigint`,
    )
  const tailOf = async (creatorId: string) => {
    const [row] = await database.query<{ first: number | null; n: number }>(
      sql`select min(seq) as first, count(*)::int as n from tail where creator_id = ${creatorId}`,
    )
    return row
  }

  test('[STORE-5] a checkpoint is due after enough events or time, and the newest two stay', async () => {
    const creatorId = await logs.newCreator()
    await store()
    expect(await positions(creatorId)).toEqual([])
    await logs.send(creatorId, 10)
    await store()
    expect(await positions(creatorId)).toEqual([10])
    await logs.send(creatorId, 49)
    await store()
    expect(await positions(creatorId)).toEqual([10])
    await logs.send(creatorId, 1)
    await store()
    expect(await positions(creatorId)).toEqual([10, 60])
    await logs.send(creatorId, 1)
    await age(creatorId, 'checkpoints', 31, 60)
    await store()
    expect(await positions(creatorId)).toEqual([60, 61])
    // Without new events there is nothing to store, however long it is.
    await age(creatorId, 'checkpoints', 31, 61)
    await store()
    expect(await positions(creatorId)).toEqual([60, 61])
  })

  test('[STORE-5] checkpoints of another running release stay, and go a day after its last one', async () => {
    const creatorId = await logs.newCreator()
    await logs.send(creatorId, 50)
    await database.query(sql`
      insert into checkpoints (creator_id, generation, fold_version, seq, state)
      select creator_id, generation, ${FOLD_VERSION + 1}::int, 5, '{}' from counters
      where creator_id = ${creatorId}`)
    await store()
    expect(await positions(creatorId)).toEqual([5, 50])
    await age(creatorId, 'checkpoints', 90_000, 5)
    await logs.send(creatorId, 50)
    await store()
    expect(await positions(creatorId)).toEqual([50, 100])
  })

  test('[STORE-5] an unreadable log stops nobody else and is left alone for a while', async () => {
    const whole = await logs.newCreator()
    const broken = await logs.newCreator()
    for (const id of [broken, whole]) await logs.send(id, 300)
    await database.query(sql`delete from tail where creator_id = ${broken}`)
    await database.query(sql`delete from events where creator_id = ${broken} and seq = 100`)
    const resting = new Map<string, number>()
    await store(resting)
    expect(await positions(whole)).toEqual([300])
    expect(await positions(broken)).toEqual([])
    expect([...resting.keys()]).toEqual([broken])
    // It pauses: polling every second must not repeat the same failure every second.
    expect(await store(resting)).toBe(0)
    await database.query(sql`update counters set seq = 0 where creator_id = ${broken}`)
  })

  test('[STORE-5] a long log is read in parts, each of which is saved', async () => {
    const creatorId = await logs.newCreator()
    await logs.send(creatorId, 6_000)
    const page = backend.name === 'embedded' ? 2_000 : 5_000
    await writeDueCheckpoints({ database, config, log, pagesATurn: 1 })
    expect(await positions(creatorId)).toEqual([page])
    await writeDueCheckpoints({ database, config, log, pagesATurn: 1 })
    expect((await positions(creatorId)).at(-1)).toBe(Math.min(2 * page, 6_000))
    await store()
    await using node = logs.newNode()
    expect((await node.get(creatorId)).state).toStrictEqual(await logs.foldOfLog(creatorId))
  })

  test('[STORE-5] one node at a time writes checkpoints, until it ends', async () => {
    const creatorId = await logs.newCreator()
    await logs.send(creatorId, 50)
    const isFree = () => withLease(database, CHECKPOINT_LEASE, async () => {})
    {
      await using _only = createCheckpoints({ database, config, log })
      await expect.poll(() => positions(creatorId)).toEqual([50])
      expect(await isFree()).toBe(false)
    }
    expect(await isFree()).toBe(true)
  })

  test('[STORE-5] the tail is kept from the newest checkpoint on, for a while; without one, by age', async () => {
    const trim = () => trimTail({ database, config: { tailRetentionS: 900, tailHoldS: 3_600 } })
    const [creatorId, other] = [await logs.newCreator(), await logs.newCreator()]
    await logs.send(creatorId, 50)
    await store()
    for (const id of [creatorId, other]) {
      await logs.send(id, 30)
      await age(id, 'tail', 901, 70)
    }
    await trim()
    expect(await tailOf(creatorId)).toEqual({ first: 51, n: 30 })
    expect(await tailOf(other)).toEqual({ first: null, n: 0 })
    await using node = logs.newNode()
    for (const id of [creatorId, other]) {
      expect((await node.get(id)).state).toStrictEqual(await logs.foldOfLog(id))
    }
    // Nobody wrote a newer one for an hour: the jobs are gone, and the log has everything.
    await age(creatorId, 'checkpoints', 3_601, 50)
    await trim()
    expect(await tailOf(creatorId)).toEqual({ first: 71, n: 10 })
    await using late = logs.newNode()
    expect((await late.get(creatorId)).state).toStrictEqual(await logs.foldOfLog(creatorId))
  })

  test('[STORE-5] an older running release holds the tail too', async () => {
    const creatorId = await logs.newCreator()
    await logs.send(creatorId, 50)
    await store()
    await database.query(sql`
      insert into checkpoints (creator_id, generation, fold_version, seq, state)
      select creator_id, generation, ${FOLD_VERSION + 1}::int, 20, '{}' from counters
      where creator_id = ${creatorId}`)
    await age(creatorId, 'tail', 901, 50)
    await trimTail({ database, config: { tailRetentionS: 900, tailHoldS: 3_600 } })
    expect(await tailOf(creatorId)).toEqual({ first: 21, n: 30 })
  })
})

test('[STORE-5] a server with the role jobs writes checkpoints automatically', async () => {
  await using app = await startApp({ env: { CHECKPOINT_EVENTS: '10' } })
  const { id, key } = await app.newCreator()
  await app.post(sentEvents(id, 25), { key })
  const stored = () =>
    app.database.query(sql`select seq from checkpoints where creator_id = ${id} and seq = 25`)
  await expect.poll(stored, { timeout: 5_000 }).toHaveLength(1)
})
