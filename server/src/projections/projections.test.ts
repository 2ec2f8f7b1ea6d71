import { levels } from '@creatorflow/db/aggregates'
import { raw, sql } from '@creatorflow/db/sql'
import { tenantViewsScript } from '@creatorflow/db/tenant-views'
import type { IncomingEvent } from '@creatorflow/shared/events'
import { shuffle } from '@creatorflow/shared/simulator/disorder'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { startApp, type TestApp } from '../../test/harness.ts'
import { silentLog } from '../core/log.ts'
import { serverTenant } from '../core/rights/authorize.ts'
import { erasePerson } from '../features/people/erase-person.ts'
import { exportPerson } from '../features/people/export-person.ts'
import { erasedTables } from '../features/people/vacuum-erased.ts'
import { deleteCreator } from '../identity/creators/creators.ts'
import { forgetPeople } from '../jobs/forget-people.ts'
import { resettleCreator } from '../resettle/resettle.ts'
import { verifyAll, verifyProjections } from '../resettle/verify.ts'
import { forgetDropped } from '../retention/drop.ts'
import { sourceDefinitions } from '../sources/index.ts'
import { sourceKindsOf } from '../sources/runtime/registry.ts'
import { projections } from './index.ts'
import { instant, type Projection } from './projection.ts'

const sourceKinds = sourceKindsOf(sourceDefinitions)

const DAY_MS = 86_400_000

/** A table of who commented, and a table of how many did in each LIVE. */
const toy: Projection = {
  table: 'toy_words',
  personal: ['user_id'],
  write({ fresh }) {
    const said = fresh.filter(({ incoming }) => incoming.type === 'comment')
    if (said.length === 0) return []
    return [
      sql`insert into toy_words (creator_id, event_id, session_id, user_id, at)
        select * from unnest(
          ${said.map((e) => e.creator_id)}::text[], ${said.map((e) => e.incoming.id)}::text[],
          ${said.map((e) => e.session_id)}::text[], ${said.map((e) => e.incoming.user_id)}::text[],
          ${said.map((e) => instant(e.ts))}::timestamptz[])`,
    ]
  },
  reattributeRows: (creatorId, rows) => sql`
    update toy_words t set session_id = r.session_id
    from unnest(${rows.map(({ id }) => id)}::text[], ${rows.map((r) => r.session_id)}::text[])
      as r (id, session_id)
    where t.creator_id = ${creatorId} and t.event_id = r.id`,
  ages: { column: 'at', days: (config) => config.commentsRetentionDays },
  eventId: 'event_id',
  async erase(tx, { creatorId }, { person }) {
    const own = await tx.query(sql`
      delete from toy_words where creator_id = ${creatorId} and user_id = ${person.userId}
      returning 1`)
    return { own: own.length, mentions: 0 }
  },
  exported: {
    kind: 'toy',
    page: async (read, userId, last) =>
      last ? [] : read.query(sql`select event_id from toy_words where user_id = ${userId}`),
  },
  rebuilt: {
    columns: ['event_id', 'session_id', 'user_id', 'at'],
    isCompared: sql`true`,
    rows: (creatorId) => sql`
      select id, session_id, user_id, ts from events
      where creator_id = ${creatorId} and type = 'comment'`,
  },
}

const toyCount: Projection = {
  table: 'toy_counts',
  personal: [],
  rederived: {
    columns: ['creator_id', 'session_id'],
    rows: ({ lives }) => lives,
    isReplaced: () => sql`true`,
  },
  async recount(tx, creatorId) {
    await tx.query(sql`
      update toy_counts c set words = (
        select count(*) from toy_words w
        where w.creator_id = c.creator_id and w.session_id = c.session_id)
      where creator_id = ${creatorId}`)
  },
}

describe.each(databases())('projections on $name', (backend) => {
  let app: TestApp
  // Safe: only the type is read-only.
  const list = projections as Projection[]
  const known = list.length
  beforeAll(async () => {
    app = await startApp({ database: backend })
    await app.database.script(`
      create table toy_words (creator_id text not null, event_id text, session_id text, user_id text, at timestamptz);
      comment on table toy_words is 'Tenants read their own rows (creator_id).';
      create table toy_counts (creator_id text not null, session_id text, words bigint not null default 0);
      ${tenantViewsScript([])}`)
    list.push(toy, toyCount)
  })
  afterAll(async () => {
    list.length = known
    await app?.[Symbol.asyncDispose]()
  })

  const said = (user_id: string, n: number, ts: number): IncomingEvent => ({
    id: `${user_id}-${n}`,
    type: 'comment',
    user_id,
    user: { handle: user_id, name: `Name of ${user_id}` },
    ts,
    properties: { text: `hello ${n}` },
  })
  const words = async (creatorId: string) =>
    (
      await app.database.query<{ event_id: string; session_id: string | null }>(sql`
        select event_id, session_id from toy_words where creator_id = ${creatorId} order by 1`)
    ).map(({ event_id, session_id }) => `${event_id} ${session_id}`)

  test('[STORE-6] one entry in the list is all that a new table needs', async () => {
    const { id, key } = await app.newCreator()
    const other = await app.newCreator()
    const tenant = serverTenant(id)
    const now = Date.now()
    const old = now - 40 * DAY_MS
    await app.post(
      [said('ann', 1, now - 60_000), said('bob', 1, now - 50_000), said('bob', 2, old)],
      { key },
    )
    await app.post([said('ann', 9, now)], { key: other.key })
    expect(await words(id)).toEqual(['ann-1 null', 'bob-1 null', 'bob-2 null'])

    // The LIVE becomes known later.
    await app.post([{ id: 's', type: 'live_started', session_id: 'm', ts: now - 90_000 }], { key })
    await resettleCreator(app.database, tenant)
    expect(await words(id)).toEqual(['ann-1 m', 'bob-1 m', 'bob-2 null'])
    const counts = sql`select session_id, words from toy_counts where creator_id = ${id}`
    expect(await app.database.query(counts)).toEqual([{ session_id: 'm', words: 2 }])

    const read = await app.database.readAs(tenant, (r) =>
      r.query(sql`select event_id from toy_words`),
    )
    expect(read).toHaveLength(3)

    const kinds: string[] = []
    for await (const { kind } of exportPerson(app.database, tenant, 'ann')) kinds.push(kind)
    expect(kinds).toEqual(['person', 'comment', 'toy', 'event'])

    const config = { peopleRetentionDays: 0, commentsRetentionDays: 30 }
    await forgetPeople({ database: app.database, config, log: silentLog() })
    expect(await words(id)).toEqual(['ann-1 m', 'bob-1 m'])

    expect(erasedTables(sourceKinds)).toContain('toy_words')
    // Two comments of hers: one in each table.
    expect(await erasePerson(app.database, tenant, 'ann', sourceKinds)).toMatchObject({
      comments: 2,
    })
    expect(await words(id)).toEqual(['bob-1 m'])

    await app.database.query(sql`
      insert into dropped_ids (creator_id, until, event_id) values (${id}, '1970-01-01Z', 'bob-1')`)
    await forgetDropped(app.database)
    expect(await words(id)).toEqual([])

    await deleteCreator(app.database, tenant)
    expect(await app.database.query(counts)).toEqual([])
    expect(await words(other.id)).toEqual(['ann-9 null'])
  })

  test('[STORE-6] every table equals what the log gives, in any order of events; differences are found', async () => {
    const { id, key } = await app.newCreator()
    const tenant = serverTenant(id)
    const begin = Date.now() - 3_600_000
    const events: IncomingEvent[] = [
      { id: 'start', type: 'live_started', session_id: 'm', ts: begin },
      { id: 'pin', type: 'product_pinned', session_id: 'm', product_id: 'p', ts: begin + 60_000 },
      {
        id: 'unpin',
        type: 'product_unpinned',
        session_id: 'm',
        product_id: 'p',
        ts: begin + 600_000,
      },
      { id: 'end', type: 'live_ended', session_id: 'm', ts: begin + 1_800_000 },
      ...['ann', 'bob', 'cy'].flatMap((user_id, n): IncomingEvent[] => [
        { id: `v${n}`, type: 'viewer_joined', session_id: 'm', user_id, ts: begin + n * 1_000 },
        { id: `w${n}`, type: 'viewer_joined', session_id: 'm', user_id, ts: begin + n * 90_000 },
        said(user_id, n, begin + n * 70_000),
        {
          id: `o${n}`,
          type: 'payment_completed',
          order_id: `order ${n}`,
          customer_id: user_id,
          product_id: 'p',
          amount: 500,
          currency: 'USD',
          ts: begin + 100_000 + n,
        },
      ]),
    ]
    for (const event of shuffle(3, events)) {
      expect((await app.post([event], { key })).json).toMatchObject({ accepted: 1 })
    }
    await resettleCreator(app.database, tenant)
    await app.database.query(sql`insert into resettle (creator_id, reason) values (${id}, 'count')`)
    await verifyProjections(app.database, tenant)
    const waiting = sql`select beat_at, rows_done from resettle where creator_id = ${id}`
    expect(await app.database.query(waiting)).toEqual([{ beat_at: null, rows_done: null }])
    await app.database.query(sql`delete from resettle where creator_id = ${id}`)
    const before = await verifyProjections(app.database, tenant)
    expect(before.filter(({ differences }) => differences !== 0)).toEqual([])
    const tables = projections.map(({ table }) => table)
    expect(before.map(({ table }) => table)).toEqual([...tables, ...levels.map(({ view }) => view)])

    await erasePerson(app.database, tenant, 'cy', sourceKinds)
    const erased = await verifyProjections(app.database, tenant)
    expect(erased.filter(({ differences }) => differences !== 0)).toMatchObject([
      // The toy deletes whole rows, which the log keeps under another name.
      { table: 'toy_words', differences: 1 },
    ])

    for (const [table, change] of [
      [
        'claims',
        sql`update claims set value = value + 1 where creator_id = ${id} and kind = 'order_step'`,
      ],
      ['people_days', sql`update people_days set people = people + 1 where creator_id = ${id}`],
      [
        'lives',
        sql`update lives set last_at = last_at + interval '1 minute' where creator_id = ${id}`,
      ],
      ['pin_marks', sql`delete from pin_marks where creator_id = ${id} and id = 'unpin'`],
      [
        'people',
        sql`update people set seen_at = seen_at - interval '1 day' where creator_id = ${id}`,
      ],
      ['comments', sql`update comments set session_id = 'n' where creator_id = ${id}`],
      [
        'toy_words',
        sql`delete from ${raw('toy_words')} where creator_id = ${id} and user_id = 'ann'`,
      ],
    ] as const) {
      await app.database.query(change)
      const found = await verifyProjections(app.database, tenant)
      expect(found.find((one) => one.table === table)?.differences, table).toBeGreaterThan(0)
    }
    const printed: string[] = []
    expect(await verifyAll(app.database, (line) => printed.push(line))).toBe(1)
    expect(printed.join('\n')).toMatch(new RegExp(`${id} +comments +[1-9]`))
  })
})

test('[STORE-6] a table with personal columns does not compile without an erasure', () => {
  // @ts-expect-error: nothing would remove the person.
  const forgetful: Projection = { table: 'toy_words', personal: ['user_id'] }
  expect(forgetful.erase).toBeUndefined()
  const personal = projections.filter(({ personal }) => personal.length > 0)
  expect(personal.map(({ table }) => table)).toEqual(['claims', 'people', 'comments'])
})
