import type { Database } from '@creatorflow/db/database'
import { unavailable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { logOf } from '../../../test/log-rows.ts'
import { AppError } from '../../core/errors.ts'
import { serverTenant } from '../../core/rights/authorize.ts'
import { createSealer } from '../../core/seal.ts'
import {
  createTestKind,
  type NodeOptions,
  newSource,
  startNode,
  untilTheEnd,
} from '../test/node.ts'
import type { SourceRow } from './source.ts'
import { readSource, sourcesChannel, touchSource, writeSecrets } from './store.ts'

describe.each(databases())('holding sources on $name', (backend) => {
  let database: Database
  beforeAll(async () => {
    database = await openTestDatabase(backend)
  })
  afterAll(() => database?.[Symbol.asyncDispose]())
  // Nodes of the next test must not hold what this one made.
  afterEach(() => database.query(sql`delete from sources`))

  function start(name: string, kind = createTestKind(), options: Partial<NodeOptions> = {}) {
    const node = startNode({ database, name, kinds: [kind.of(name)], ...options })
    onTestFinished(() => node[Symbol.asyncDispose]())
    return node
  }
  const stateOf = (source: SourceRow) =>
    readSource(database, serverTenant(source.creator_id), source.id)
  const event = (id: string, more: object = {}) => ({ id, type: 'like', ...more })
  const letters = (source: SourceRow) =>
    database.query<{ key: string; topic: string; reason: string; body: string }>(sql`
      select key, topic, reason, convert_from(raw, 'UTF8') as body from dead_letters
      where source_id = ${source.id}::uuid order by id`)

  test('[SOURCE-1] one node at a time holds a source, and another takes over after its death', async () => {
    const kind = createTestKind()
    const source = await newSource(database)
    // The lease of a killed process: nobody renews it.
    await database.query(sql`
      insert into leases (name, holder, expires_at)
      values (${`source ${source.id}`}, gen_random_uuid(), clock_timestamp() + interval '400 ms')`)
    start('a', kind)
    start('b', kind)
    await expect.poll(() => kind.held().length).toBe(1)
    const [first] = kind.held()
    await expect.poll(async () => (await stateOf(source))?.state).toBe('receiving')
    expect((await stateOf(source))?.held).toBe(true)

    // As if its node had hung longer than its lease, and a process that then died had taken it.
    await database.query(sql`
      update leases set holder = gen_random_uuid(), expires_at = clock_timestamp() + interval '400 ms'`)
    await expect.poll(() => first?.signal.aborted).toBe(true)
    await expect.poll(() => kind.held().length).toBe(1)
    expect(kind.holds).toHaveLength(2)
  })

  test('[SOURCE-1] a node that stops gives its sources back at once', async () => {
    const kind = createTestKind()
    await newSource(database)
    const a = startNode({ database, name: 'a', kinds: [kind.of('a')] })
    await expect.poll(() => kind.held().map(({ node }) => node)).toEqual(['a'])
    await a[Symbol.asyncDispose]()
    expect(kind.held()).toEqual([])
    expect(await database.query(sql`select name from leases`)).toEqual([])
    start('b', kind)
    await expect.poll(() => kind.held().map(({ node }) => node)).toEqual(['b'])
  })

  test('[SOURCE-1] a change restarts a source, turning it off ends it, and its old holder is ignored', async () => {
    const kind = createTestKind()
    const source = await newSource(database)
    const tenant = serverTenant(source.creator_id)
    const node = start('a', kind, { env: { SOURCES_INTERVAL_MS: '3600000' } })
    await expect.poll(() => kind.held().length).toBe(1)
    await touchSource(database, tenant, source.id, { name: 'Other' })
    await node.bus.publish(sourcesChannel, source.creator_id)
    await expect.poll(() => kind.held().map(({ source: s }) => s.name)).toEqual(['Other'])
    await expect.poll(async () => (await stateOf(source))?.state).toBe('receiving')

    await touchSource(database, tenant, source.id, { enabled: false })
    await node.bus.publish(sourcesChannel, source.creator_id)
    await expect.poll(() => kind.held()).toEqual([])
    await expect.poll(() => database.query(sql`select name from leases`)).toEqual([])
    expect(await stateOf(source)).toMatchObject({ state: 'off', problem: null, held: false })
    expect(kind.holds).toHaveLength(2)
  })

  test('[SOURCE-1] a failed connection is retried, and says so meanwhile', async () => {
    const kind = createTestKind()
    const source = await newSource(database)
    const recover = Promise.withResolvers<void>()
    let fails = true
    kind.runs(async (hold) => {
      if (fails) throw new Error('the other side is broken')
      await untilTheEnd(hold)
    })
    start('a', kind)
    await expect
      .poll(() => stateOf(source))
      .toMatchObject({ state: 'retrying', problem: 'internal', retry_at: expect.any(Date) })
    await expect.poll(() => kind.holds.length).toBeGreaterThan(2)
    fails = false
    recover.resolve()
    await expect.poll(() => stateOf(source)).toMatchObject({ state: 'receiving', problem: null })
  })

  test('[SOURCE-1] delivered events are stored once, and refused ones become dead letters', async () => {
    const kind = createTestKind()
    const source = await newSource(database)
    start('a', kind)
    await expect.poll(() => kind.held().length).toBe(1)
    const { context } = kind.holds[0] as (typeof kind.holds)[number]
    const ts = Date.now() - 5_000
    const events = [
      { event: event('1', { ts }), raw: { n: 1 } },
      { event: event('2', { ts: ts - 1_000 }), raw: { n: 2 } },
      { event: { id: '3', type: 'nonsense' }, raw: { n: 3 }, topic: 'Odd', key: 'msg 3' },
      { event: event('4', { ts: Date.now() + 86_400_000 * 3 }), raw: { n: 4 } },
    ]
    expect(await context.deliver(events)).toEqual({ accepted: 2, duplicates: 0, rejected: 2 })
    expect(await context.deliver(events)).toEqual({ accepted: 0, duplicates: 2, rejected: 2 })
    const rows = await logOf(database, source.creator_id)
    expect(rows.map(({ id }) => id)).toEqual(['1', '2'])
    expect(await letters(source)).toEqual([
      {
        key: 'msg 3',
        topic: 'Odd',
        reason: expect.stringMatching(/^unknown_type/),
        body: '{"n":3}',
      },
      { key: '4', topic: 'event', reason: expect.stringMatching(/^ts_future/), body: '{"n":4}' },
    ])
    await expect
      .poll(() => stateOf(source))
      .toMatchObject({ events: 2, set_aside: 4, last_event_at: new Date(ts) })
    // A repeated batch has nothing new: the newest event stays the same.
    expect((await stateOf(source))?.lag_ms).toBeGreaterThanOrEqual(5_000)
  })

  test('[SOURCE-1] while the database is away a source waits, and nothing is lost or doubled', async () => {
    const kind = createTestKind()
    const source = await newSource(database)
    let away = false
    let refusals = 0
    const shaky: Database = {
      ...database,
      transaction: (work) => {
        if (!away) return database.transaction(work)
        refusals++
        return Promise.reject(unavailable('cut'))
      },
    }
    start('a', kind, { database: shaky })
    await expect.poll(() => kind.held().length).toBe(1)
    const { context } = kind.holds[0] as (typeof kind.holds)[number]
    away = true
    const delivering = context.deliver([{ event: event('1'), raw: {} }])
    await expect.poll(() => refusals).toBeGreaterThan(1)
    away = false
    expect(await delivering).toEqual({ accepted: 1, duplicates: 0, rejected: 0 })
    expect(await logOf(database, source.creator_id)).toHaveLength(1)
  })

  test('[SOURCE-1] a connection that ends no longer waits for the database', async () => {
    const kind = createTestKind()
    const source = await newSource(database)
    let away = false
    const shaky: Database = {
      ...database,
      transaction: (work) =>
        away ? Promise.reject(unavailable('cut')) : database.transaction(work),
    }
    const node = start('a', kind, { database: shaky })
    await expect.poll(() => kind.held().length).toBe(1)
    const { context } = kind.holds[0] as (typeof kind.holds)[number]
    away = true
    const delivering = context.deliver([{ event: event('1'), raw: {} }]).catch((e: unknown) => e)
    await touchSource(database, serverTenant(source.creator_id), source.id, { enabled: false })
    await node.bus.publish(sourcesChannel, '')
    expect(await delivering).toBeInstanceOf(Error)
  })

  test('[SOURCE-1] messages are counted, unknown kinds by name, within limits', async () => {
    const kind = createTestKind()
    const source = await newSource(database)
    start('a', kind)
    await expect.poll(() => kind.held().length).toBe(1)
    const { context } = kind.holds[0] as (typeof kind.holds)[number]
    context.received(30)
    context.unknown('__proto__')
    context.unknown('Named')
    context.unknown('Named')
    await expect.poll(() => stateOf(source)).toMatchObject({ messages: 30, messages_per_s: 3 })
    for (let n = 0; n < 300; n++) context.unknown(`early ${n}\0`)
    await expect.poll(async () => (await stateOf(source))?.unknown.other ?? 0).toBeGreaterThan(0)
    for (let n = 0; n < 300; n++) context.unknown(`late ${n}`)
    const known = async () => (await stateOf(source))?.unknown ?? {}
    const sum = async () => Object.values(await known()).reduce((a, b) => a + b, 0)
    await expect.poll(sum).toBe(603)
    const counts = await known()
    expect(Object.entries(counts)).toContainEqual(['__proto__', 1])
    expect(counts.Named).toBe(2)
    // A hundred names and the rest.
    expect(Object.keys(counts)).toHaveLength(101)
  })

  test("[SOURCE-1] the service's message is kept, shortened, with its start time", async () => {
    const kind = createTestKind()
    const source = await newSource(database)
    start('a', kind)
    await expect.poll(() => kind.held().length).toBe(1)
    const { context } = kind.holds[0] as (typeof kind.holds)[number]
    const retryAt = Date.now() + 60_000
    const detail = `${'x'.repeat(2_000)}\0`
    context.report({ state: 'retrying', problem: 'connection_lost', detail, retryAt })
    await expect.poll(async () => (await stateOf(source))?.state).toBe('retrying')
    const first = await stateOf(source)
    expect(first).toMatchObject({ problem: 'connection_lost', retry_at: new Date(retryAt) })
    expect(first?.problem_detail).toBe('x'.repeat(500))
    context.report({ state: 'retrying', problem: 'rate_limited' })
    await expect.poll(async () => (await stateOf(source))?.problem).toBe('rate_limited')
    const second = await stateOf(source)
    expect(second?.state_since).toEqual(first?.state_since)
    expect(second?.problem_at?.getTime()).toBeGreaterThan(first?.problem_at?.getTime() ?? 0)
    context.report({ state: 'receiving' })
    await expect
      .poll(() => stateOf(source))
      .toMatchObject({ state: 'receiving', problem: null, problem_at: null, problem_detail: null })
  })

  test('[ACCESS-13] secrets are encrypted for their source; with another key it says so and accepts new ones', async () => {
    const kind = createTestKind()
    const source = await newSource(database)
    const other = createSealer({ secretKey: Buffer.alloc(32, 2), dataDir: '/nowhere' })
    await database.transaction((tx) => writeSecrets(tx, other, source.id, { token: 'canary-old' }))
    kind.runs(async (hold) => {
      await hold.context.secrets.read()
      await untilTheEnd(hold)
    })
    const node = start('a', kind)
    await expect
      .poll(() => stateOf(source))
      .toMatchObject({ state: 'needs_you', problem: 'secrets_lost' })
    await database.transaction((tx) =>
      writeSecrets(tx, node.sealer, source.id, { token: 'canary-1', id: 'x' }),
    )
    await expect.poll(async () => (await stateOf(source))?.state).toBe('receiving')
    const { context } = kind.held()[0] as (typeof kind.holds)[number]
    await context.secrets.write({ token: 'canary-2' })
    expect(await context.secrets.read()).toEqual({ token: 'canary-2', id: 'x' })
    const [row] = await database.query<{ sealed: Uint8Array }>(
      sql`select sealed from source_secrets`,
    )
    expect(Buffer.from(row?.sealed ?? []).includes('canary')).toBe(false)
  })

  test('[SOURCE-1] the cursor survives the connection, part by part', async () => {
    const kind = createTestKind()
    await newSource(database)
    start('a', kind)
    await expect.poll(() => kind.held().length).toBe(1)
    const { context } = kind.holds[0] as (typeof kind.holds)[number]
    expect(await context.cursor.read()).toEqual({})
    await context.cursor.write({ room: '7', until: 1 })
    await context.cursor.write({ until: 2 })
    expect(await context.cursor.read()).toEqual({ room: '7', until: 2 })
  })

  test('[SOURCE-1] a process holds at most its limit of sources', async () => {
    const kind = createTestKind()
    for (let n = 0; n < 3; n++) await newSource(database)
    start('a', kind, { env: { MAX_HELD_SOURCES: '2' } })
    await expect.poll(() => kind.held().length).toBe(2)
    start('b', kind)
    await expect
      .poll(() =>
        kind
          .held()
          .map(({ node }) => node)
          .sort(),
      )
      .toEqual(['a', 'a', 'b'])
  })

  describe('the inbox', () => {
    const put = (node: ReturnType<typeof start>, source: SourceRow, id: string, body = id) =>
      node.inbox.put(source, { id, topic: 'order', body: Buffer.from(body) })
    const waiting = (source: SourceRow) =>
      database.query<{ id: string; attempts: number; wait: number; problem: string | null }>(sql`
        select delivery_id as id, attempts, last_problem as problem,
          extract(epoch from next_at - clock_timestamp())::float8 as wait
        from deliveries where source_id = ${source.id}::uuid and done_at is null order by id`)

    test('[SOURCE-2] deliveries are processed in order, one at a time, and each counts once', async () => {
      const kind = createTestKind('shopify')
      const source = await newSource(database, 'shopify')
      const handled: string[] = []
      let atOnce = 0
      kind.runs(({ context }) =>
        context.workOff(async ({ id, body }) => {
          expect(++atOnce).toBe(1)
          await database.query(sql`select 1`)
          handled.push(`${id} ${Buffer.from(body).toString()}`)
          atOnce--
          return { kind: 'done' }
        }),
      )
      const node = start('a', kind)
      expect(await put(node, source, '1', 'one')).toBe(true)
      expect(await put(node, source, '1', 'again')).toBe(false)
      expect(await put(node, source, '2', 'two')).toBe(true)
      await expect.poll(() => handled).toEqual(['1 one', '2 two'])
      await expect.poll(() => waiting(source)).toEqual([])
      expect(await put(node, source, '1', 'again')).toBe(false)
      expect(await database.query(sql`select body from deliveries where body is not null`)).toEqual(
        [],
      )
    })

    test('[SOURCE-2] deliveries are durable: another node processes what the first had not', async () => {
      const kind = createTestKind('shopify')
      const source = await newSource(database, 'shopify')
      kind.runs(untilTheEnd)
      const first = startNode({ database, name: 'a', kinds: [kind.of('a')] })
      await put(first, source, '1')
      await first[Symbol.asyncDispose]()
      const handled: string[] = []
      kind.runs(({ context }) =>
        context.workOff(async ({ id }) => {
          handled.push(id)
          return { kind: 'done' }
        }),
      )
      start('b', kind)
      await expect.poll(() => handled).toEqual(['1'])
    })

    test('[SOURCE-2] a failing delivery is retried with growing waits and delays nothing behind it', async () => {
      const kind = createTestKind('shopify')
      const source = await newSource(database, 'shopify')
      const handled: string[] = []
      kind.runs(({ context }) =>
        context.workOff(async ({ id }) => {
          handled.push(id)
          if (id === 'broken') throw new Error('cannot read it')
          if (id === 'busy') return { kind: 'later', reason: 'slow down', afterMs: 3_600_000 }
          return { kind: 'done' }
        }),
      )
      const node = start('a', kind)
      for (const id of ['broken', 'busy', 'fine']) await put(node, source, id)
      await expect.poll(() => handled.slice(0, 3)).toEqual(['broken', 'busy', 'fine'])
      // On a slow machine the first one was retried before it was checked.
      const attempts = expect.any(Number)
      await expect
        .poll(() => waiting(source))
        .toMatchObject([
          { id: 'broken', attempts, problem: 'cannot read it' },
          { id: 'busy', attempts: 1, problem: 'slow down' },
        ])
      const [broken, busy] = await waiting(source)
      expect(broken?.wait).toBeLessThanOrEqual(2 ** (broken?.attempts ?? 0))
      expect(busy?.wait).toBeGreaterThan(3_000)
    })

    test('[SOURCE-2] a delivery that fails too often, or is not understood, becomes a dead letter', async () => {
      const kind = createTestKind('shopify')
      const source = await newSource(database, 'shopify')
      kind.runs(({ context }) =>
        context.workOff(async ({ id }) =>
          id === 'odd'
            ? { kind: 'aside', reason: 'no such topic' }
            : { kind: 'later', reason: 'no answer', afterMs: 0 },
        ),
      )
      const node = start('a', kind, { env: { DELIVERY_ATTEMPTS: '3' } })
      await put(node, source, 'odd', '{"odd":1}')
      await put(node, source, 'slow', '{"slow":1}')
      await expect
        .poll(() => letters(source))
        .toMatchObject([
          { key: 'odd', topic: 'order', reason: 'no such topic', body: '{"odd":1}' },
          { key: 'slow', reason: 'no answer (tried 3 times)', body: '{"slow":1}' },
        ])
      await expect.poll(() => waiting(source)).toEqual([])
    })

    test('[SOURCE-2] past the limit of waiting deliveries the sender is told when to retry', async () => {
      const source = await newSource(database, 'shopify')
      const node = start('a', createTestKind('shopify'), { env: { MAX_WAITING_DELIVERIES: '2' } })
      await put(node, source, '1')
      await put(node, source, '2')
      const refused = await put(node, source, '3').catch((error: unknown) => error)
      expect(refused).toBeInstanceOf(AppError)
      expect(refused).toMatchObject({ code: 'too_many', retryAfterMs: 60_000 })
      expect(await waiting(source)).toHaveLength(2)
    })
  })
})
