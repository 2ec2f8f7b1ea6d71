import type { Database } from '@creatorflow/db/database'
import { tablesWithCreator } from '@creatorflow/db/schema'
import { raw, sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { editions } from '../../../../scripts/test/backends.ts'
import { serverTenant } from '../../core/rights/authorize.ts'
import { deleteCreator, insertCreator } from './creators.ts'

describe.each(editions())('deleting a creator on $name', (backend) => {
  let database: Database
  beforeAll(async () => {
    database = await openTestDatabase(backend)
  })
  afterAll(() => database?.[Symbol.asyncDispose]())

  test('[PRIVACY-4] empties every table that has its rows, even one no code names', async () => {
    // Alphabetical order is one in which they cannot be deleted.
    await database.script(`
      create table a_shelf (creator_id text not null, id int primary key, above int references a_shelf (id));
      create table "B box" (creator_id text not null, id int primary key, shelf int not null references a_shelf (id));
      create table c_label (box int references "B box" (id) on delete cascade);
      create view d_view as select creator_id from a_shelf;`)
    for (const [n, id] of ['gone', 'stays'].entries()) {
      const creator = { id, name: id, time_zone: 'UTC', currency: 'USD', locale: 'en' } as const
      await database.transaction((tx) => insertCreator(tx, { ...creator, kind: 'real' }))
      await database.script(`
        insert into a_shelf values ('${id}', ${n * 10}, null), ('${id}', ${n * 10 + 1}, ${n * 10});
        insert into "B box" values ('${id}', ${n}, ${n * 10 + 1});
        insert into c_label values (${n});
        insert into audit_log (creator_id, actor_kind, actor_name, action) values ('${id}', 'server', 's', 'x');
        insert into tail (creator_id, seq, event) values ('${id}', 1, '{}');
        insert into dirty (creator_id, bucket) values ('${id}', now());`)
    }
    await deleteCreator(database, serverTenant('gone'))

    const left = new Map<string, string[]>()
    for (const table of await tablesWithCreator(database)) {
      const rows = await database.query<{ creator_id: string }>(
        sql`select distinct creator_id from ${raw(table)} order by 1`,
      )
      if (rows.length > 0)
        left.set(
          table,
          rows.map(({ creator_id }) => creator_id),
        )
    }
    expect(Object.fromEntries(left)).toEqual({
      a_shelf: ['stays'],
      '"B box"': ['stays'],
      tail: ['stays'],
      audit_log: ['gone', 'stays'],
      counters: ['gone', 'stays'],
      dirty: ['gone', 'stays'],
    })
    expect(await database.query(sql`select box from c_label`)).toEqual([{ box: 1 }])
  })
})
