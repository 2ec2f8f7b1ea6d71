import { sql } from '@creatorflow/db/sql'
import type { IncomingEvent } from '@creatorflow/shared/events'
import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { ask, type Reply, startApp, type TestApp, type TestCreator } from '../../../test/harness.ts'
import { logOf } from '../../../test/log-rows.ts'
import { createInProcessBus } from '../../bus/in-process.ts'
import { silentLog } from '../../core/log.ts'
import { serverTenant } from '../../core/rights/authorize.ts'
import { createTelemetry } from '../../core/telemetry.ts'
import { follow } from '../../live/follow.ts'
import { resettleCreator } from '../../resettle/resettle.ts'
import { sourceDefinitions } from '../../sources/index.ts'
import { sourceKindsOf } from '../../sources/runtime/registry.ts'
import { erasedTables } from './vacuum-erased.ts'

const sourceKinds = sourceKindsOf(sourceDefinitions)

const NOON = Date.UTC(2026, 9, 20, 12)
const ANNA = 'anna "the buyer" \\ 1'
const everywhere = [
  'events',
  'tail',
  'checkpoints',
  'claims',
  'people',
  'comments',
  'dead_letters',
  'deliveries',
] as const

describe.each(databases())('erasing a person on $name', (backend) => {
  const log = silentLog()
  const telemetry = createTelemetry()
  const bus = createInProcessBus({ log, telemetry })
  let app: TestApp

  beforeAll(async () => {
    app = await startApp({ database: backend, bus })
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  function erase(id: string, userId: string, headers: Record<string, string> = {}): Promise<Reply> {
    const path = `/api/v1/creators/${id}/people/${encodeURIComponent(userId)}`
    return ask(app.port, 'DELETE', path, { ...app.owner, ...headers })
  }

  async function send(creator: TestCreator, events: readonly object[]): Promise<void> {
    const { json } = await app.post(events, { key: creator.key })
    expect(json).toMatchObject({ accepted: events.length, rejected: [] })
  }

  /** Every row that still contains a text, over all tables with personal data. */
  async function traces(id: string, text: string): Promise<string[]> {
    const found: string[] = []
    for (const table of everywhere) {
      const rows = await app.database.query<{ row: string }>({
        ...sql`select 1`,
        text: `select row_to_json(t)::text as row from ${table} t where creator_id = $1`,
        values: [id],
      })
      // As text within JSON within JSON, since keys of claims are lists.
      const forms = [text, JSON.stringify(text).slice(1, -1)]
      forms.push(JSON.stringify(forms[1]).slice(1, -1))
      found.push(
        ...rows
          .filter(({ row }) => forms.some((f) => row.includes(f)))
          .map(({ row }) => `${table}: ${row}`),
      )
    }
    return found
  }

  async function setAside(id: string): Promise<void> {
    const event = {
      id: 'bad',
      type: 'gift',
      user_id: ANNA,
      user: { name: 'Anna A.' },
      properties: { note: 'Anna A.', gift_id: '5' },
    }
    await app.database.query(sql`
      insert into dead_letters (creator_id, reason, event)
      values (${id}, ${`broken for ${ANNA}`}, ${JSON.stringify(event)}::jsonb)`)
  }

  test('[PRIVACY-1] no table keeps anything of the person, or reveals who it was', async () => {
    const creator = await app.newCreator()
    await send(creator, annas())
    await setAside(creator.id)
    expect((await traces(creator.id, ANNA)).length).toBeGreaterThan(10)
    expect(await erase(creator.id, ANNA)).toMatchObject({
      status: 200,
      json: { events: 7, comments: 1 },
    })
    for (const text of [ANNA, 'Anna A.', 'my address', 'Elm Street', 'anna@']) {
      expect(await traces(creator.id, text), text).toEqual([])
    }
    const rows = await logOf(app.database, creator.id)
    const names = new Set(
      rows.flatMap((r) => [r.user_id, r.customer_id]).filter((n) => n?.startsWith('erased-')),
    )
    expect(names.size).toBe(1)
    expect(await erase(creator.id, ANNA)).toMatchObject({ json: { events: 0, comments: 0 } })
  })

  test('[PRIVACY-1] an erasure vacuums every table and chunk it touched', async () => {
    const creator = await app.newCreator()
    await send(creator, annas())
    await setAside(creator.id)
    const tables = () =>
      app.database.query<{ name: string; vacuums: number }>(sql`
        select relname as name, vacuum_count::int as vacuums
        from pg_stat_user_tables
        where relname = any(${[...erasedTables(sourceKinds)]}::text[]) or relname like '\\_hyper\\_%' order by relname`)
    const before = new Map((await tables()).map(({ name, vacuums }) => [name, vacuums]))
    expect([...before.keys()]).toEqual(expect.arrayContaining([...erasedTables(sourceKinds)]))
    expect(await erase(creator.id, ANNA)).toMatchObject({ json: { events: 7 } })
    const skipped = async () =>
      (await tables()).filter(({ name, vacuums }) => vacuums <= (before.get(name) ?? 0))
    // Statistics arrive a moment later.
    await expect.poll(skipped, { timeout: 10_000 }).toEqual([])
  })

  test('[PRIVACY-1] messages that name the person are deleted, whether dead letters or waiting; others stay', async () => {
    const { id } = await app.newCreator()
    const source = sql`(select id from sources where creator_id = ${id})`
    await app.database.query(sql`
      insert into sources (creator_id, kind, account, name) values (${id}, 'shopify', ${id}, 'Shop')`)
    const body = (of: unknown) => Buffer.from(JSON.stringify({ of, name: 'Anna A.' }))
    for (const [key, raw] of Object.entries({
      hers: body(ANNA),
      his: body(`${ANNA}0`),
      binary: Buffer.of(0, 200, 3),
    })) {
      await app.database.query(sql`
        insert into dead_letters (creator_id, source, source_id, key, reason, raw)
        values (${id}, 'shopify', ${source}, ${key}, 'odd', ${raw})`)
      await app.database.query(sql`
        insert into deliveries (source_id, creator_id, delivery_id, topic, body)
        values (${source}, ${id}, ${key}, 'orders/paid', ${raw})`)
    }
    expect(await erase(id, ANNA)).toMatchObject({ json: { events: 0, comments: 0, messages: 2 } })
    const left = await app.database.query(
      sql`select key from dead_letters where creator_id = ${id} order by key`,
    )
    expect(left).toEqual([{ key: 'binary' }, { key: 'his' }])
    const waits = await app.database.query(sql`
      select delivery_id as key, body is null as empty, done_at is not null as done
      from deliveries where creator_id = ${id} order by key`)
    expect(waits).toEqual([
      { key: 'binary', empty: false, done: false },
      { key: 'hers', empty: true, done: true },
      { key: 'his', empty: false, done: false },
    ])
    expect(await erase(id, ANNA)).toMatchObject({ json: { messages: 0 } })
  })

  test('[PRIVACY-2] every count stays: at once, after re-attribution, and when events are sent again', async () => {
    const creator = await app.newCreator()
    const { events } = simulateLive({
      seed: 3,
      sessionId: 'live',
      startAt: NOON,
      durationMs: 200_000,
      rate: 0.5,
      currency: 'USD',
      timeZone: 'UTC',
    })
    await send(creator, [...events])
    const before = await logOf(app.database, creator.id)
    const busiest = mostFrequent(before.map((row) => row.customer_id ?? row.user_id))
    const claimed = await app.database.query(
      sql`select kind, value from claims where creator_id = ${creator.id} order by kind, value`,
    )
    const { json } = await erase(creator.id, busiest)
    expect(json.events).toBeGreaterThan(2)
    const after = await logOf(app.database, creator.id)
    const numbers = (rows: typeof before) =>
      rows.map(({ user_id: _, customer_id: _c, properties: _p, ...row }) => row)
    expect(numbers(after)).toEqual(numbers(before))
    const distinct = (rows: typeof before, key: 'user_id' | 'customer_id') =>
      new Set(rows.map((row) => row[key])).size
    for (const key of ['user_id', 'customer_id'] as const)
      expect(distinct(after, key)).toBe(distinct(before, key))
    expect(
      await app.database.query(
        sql`select kind, value from claims where creator_id = ${creator.id} order by kind, value`,
      ),
    ).toEqual(claimed)
    expect(await resettleCreator(app.database, serverTenant(creator.id))).toEqual({
      rewritten: 0,
      raised: false,
    })
    const { json: again } = await app.post([...events], { key: creator.key })
    expect(again).toMatchObject({ accepted: 0, duplicates: events.length, conflicts: [] })
  })

  test("[PRIVACY-2] a person's restated figures keep their sums, even after re-attribution", async () => {
    const creator = await app.newCreator()
    const views = (total: number, revision: number) => ({
      ...{ id: `views of ${ANNA}`, type: 'video_view', ts: NOON, user_id: ANNA, video_id: 'v' },
      ...{ revision, properties: { total } },
    })
    await send(creator, [views(900, 0), views(1_200, 1), views(1_100, 4)])
    await erase(creator.id, ANNA)
    expect(await traces(creator.id, ANNA)).toEqual([])
    await resettleCreator(app.database, serverTenant(creator.id))
    const rows = await logOf(app.database, creator.id)
    expect(rows.map((row) => [row.opening + row.units, row.revision])).toEqual([
      [900, null],
      [300, 1],
      [-100, 4],
    ])
    // Erased data stays erased: a new statement of it is about someone else.
    const { json } = await app.post(views(1_300, 5), { key: creator.key })
    expect(json).toMatchObject({ accepted: 0, duplicates: 1 })
  })

  test('[PRIVACY-2] others keep their names and texts, and counted properties stay', async () => {
    const creator = await app.newCreator()
    const ben = { user_id: 'ben', user: { name: 'Ben' } }
    await send(creator, [
      ...annas(),
      { id: 'ben-1', type: 'comment', ts: NOON, ...ben, properties: { text: 'hello' } },
      {
        id: 'ben-2',
        type: 'gift',
        ts: NOON,
        ...ben,
        properties: { gift_id: '1', diamond_count: 1, streak_id: 's', to: ANNA, note: 'x' },
      },
    ])
    await erase(creator.id, ANNA)
    const row = (await logOf(app.database, creator.id)).find(({ id }) => id === 'ben-2')
    expect(row?.user_id).toBe('ben')
    expect(row?.properties).toMatchObject({
      gift_id: '1',
      diamond_count: 1,
      streak_id: 's',
      note: 'x',
    })
    expect(row?.properties?.to).toMatch(/^erased-/)
    expect(
      await app.database.query(sql`select name from people where creator_id = ${creator.id}`),
    ).toEqual([{ name: 'Ben' }])
    expect(
      await app.database.query(sql`select text from comments where creator_id = ${creator.id}`),
    ).toEqual([{ text: 'hello' }])
    // The same person at another creator is separate.
    const other = await app.newCreator()
    await send(other, annas())
    expect(await erase(creator.id, 'ben')).toMatchObject({ json: { comments: 1 } })
    expect((await traces(other.id, ANNA)).length).toBeGreaterThan(10)
  })

  test('[PRIVACY-1] a following screen starts afresh without the name', async () => {
    const creator = await app.newCreator()
    await send(creator, annas())
    const deps = { database: app.database, bus, log, telemetry }
    await using follower = await follow(deps, serverTenant(creator.id))
    const { epoch } = follower
    expect(JSON.stringify(follower.state)).toContain('the buyer')
    await erase(creator.id, ANNA)
    await expect.poll(() => follower.ready && follower.epoch !== epoch).toBe(true)
    expect(JSON.stringify(follower.state)).not.toContain('the buyer')
    expect(follower.state.lives.live?.totals).toMatchObject({ views: 1, viewers: 1, gmv: 500 })
  })

  test('[PRIVACY-1] only the owner erases, and only for a creator that exists', async () => {
    const creator = await app.newCreator()
    await send(creator, annas())
    const key = { authorization: `Bearer ${creator.key}` }
    expect(await erase(creator.id, ANNA, key)).toMatchObject({ status: 403 })
    expect(await erase('nobody', ANNA)).toMatchObject({ status: 404 })
    expect((await traces(creator.id, ANNA)).length).toBeGreaterThan(10)
  })
})

function annas(): IncomingEvent[] {
  const anna = { ts: NOON + 1_000, session_id: 'live', user_id: ANNA }
  const user = { name: 'Anna A.', handle: 'anna-handle' }
  return [
    { id: 'start', type: 'live_started', ts: NOON, session_id: 'live' },
    { id: '1', type: 'viewer_joined', ...anna, user },
    {
      id: '2',
      type: 'comment',
      ...anna,
      user,
      properties: { text: 'my address is secret', to: 'Anna A.' },
    },
    {
      id: '3',
      type: 'gift',
      ...anna,
      quantity: 2,
      properties: { gift_id: '9', diamond_count: 1, streak_id: `${ANNA}-1` },
    },
    {
      id: '4',
      type: 'gift',
      ...anna,
      quantity: 5,
      properties: { gift_id: '9', diamond_count: 1, streak_id: `${ANNA}-1` },
    },
    { id: '5', type: 'follow', ...anna },
    {
      id: '6',
      type: 'payment_completed',
      ...anna,
      customer_id: ANNA,
      order_id: 'o',
      amount: 500,
      properties: { ship_to: { street: 'Elm Street', mail: 'anna@example.com' }, tax: 50 },
    },
    { id: '7', type: 'customer_acquired', ts: NOON, customer_id: ANNA },
  ]
}

function mostFrequent(names: readonly (string | null)[]): string {
  const counts = new Map<string, number>()
  for (const name of names) if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most))[0]
}
