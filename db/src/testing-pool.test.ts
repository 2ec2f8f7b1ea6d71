import { expect, test } from 'vitest'
import { errorCode } from './database.ts'
import { sql } from './sql.ts'
import { openTestDatabase } from './testing.ts'

const processOf = async () => {
  const database = await openTestDatabase()
  const [row] = await database.query<{ started: Date; creators: number; identity: string }>(sql`
    select pg_postmaster_start_time() as started, (select count(*)::int from creators) as creators,
      (select id::text from database_identity) as identity`)
  return { database, ...row }
}

test('[REPO-1] a reused test database has nothing of the previous test, and everything the migrations made', async () => {
  const first = await processOf()
  await first.database.script(`
    insert into creators (id, name, time_zone, currency, locale, kind)
      select 'c' || n, 'c', 'UTC', 'USD', 'en', 'real' from generate_series(1, 20000) n;
    insert into counters (creator_id) select id from creators;
    update database_identity set id = gen_random_uuid();
    insert into dead_letters (creator_id, topic, reason, event) values ('c1', 't', 'r', '{}');
    select pg_advisory_lock(7);`)
  await first.database[Symbol.asyncDispose]()
  expect(errorCode(await first.database.query(sql`select 1`).catch((error) => error))).toBe(
    'DATABASE_UNAVAILABLE',
  )
  const { database, ...second } = await processOf()
  // Indeed the same one.
  expect(second).toEqual({ started: first.started, creators: 0, identity: first.identity })
  const [made] = await database.query(sql`
    insert into dead_letters (creator_id, topic, reason, event) values (null, 't', 'r', '{}') returning id`)
  expect(made).toEqual({ id: 1 })
  const held = await database.query(sql`select from pg_locks where locktype = 'advisory'`)
  expect(held).toEqual([])
  await database[Symbol.asyncDispose]()
})

test.each([
  'create table own (n int)',
  'alter table creators add column more int',
  'drop schema tenant cascade',
  'set default_transaction_read_only = on',
  'create temp table own (n int)',
  "delete from schema_migrations where name like '%.sql'",
])('[REPO-1] a database is not reused after `%s`', async (change) => {
  const first = await processOf()
  await first.database.script(change)
  await first.database[Symbol.asyncDispose]()
  const second = await processOf()
  expect(second.started).not.toEqual(first.started)
  await second.database[Symbol.asyncDispose]()
})
