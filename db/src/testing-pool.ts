// An embedded database takes half a second of CPU to start, and a twentieth of that to be emptied.
import { setTimeout as delay } from 'node:timers/promises'
import { type Database, unavailable } from './database.ts'
import { raw, sql } from './sql.ts'

/** Longest wait for a database whose test left work in it. */
const EMPTY_MS = 5_000
/** Deleted rows stay in the file: from this size on its table is replaced. */
const LARGE_BYTES = 1_000_000
/** More at once are only for tests of several nodes, which are few. */
const MOST_IDLE = 2

interface Pooled {
  readonly database: Database
  /** Everything but rows, as it was after the migrations. */
  readonly schema: string
  /** Rows that the migrations made. */
  readonly seeds: readonly { readonly table: string; readonly rows: string }[]
}

const idle: Pooled[] = []

/**
 * A migrated database as good as new: one whose test is over, else what `open` gives. Once disposed, it can
 * be lent again.
 */
export async function lendDatabase(open: () => Promise<Database>): Promise<Database> {
  const pooled = idle.pop() ?? (await enterPool(await open()))
  const { database } = pooled
  let isOver = false
  const whileLent =
    <A extends unknown[], R>(call: (...given: A) => Promise<R>) =>
    (...given: A): Promise<R> =>
      isOver ? Promise.reject(unavailable('the embedded database is closed')) : call(...given)
  return {
    ...database,
    query: whileLent(database.query) as Database['query'],
    transaction: whileLent(database.transaction) as Database['transaction'],
    readAs: whileLent(database.readAs) as Database['readAs'],
    script: whileLent(database.script),
    async [Symbol.asyncDispose]() {
      if (isOver) return
      isOver = true
      const emptied = makeEmpty(pooled).catch(() => false)
      const isEmpty = await Promise.race([emptied, delay(EMPTY_MS, false, { ref: false })])
      if (isEmpty && idle.length < MOST_IDLE) idle.push(pooled)
      else await database[Symbol.asyncDispose]()
    },
  }
}

async function enterPool(database: Database): Promise<Pooled> {
  const tables = await database.query<{ name: string }>(sql`
    select c.oid::regclass::text as name from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and pg_relation_size(c.oid) > 0
      and c.relname <> 'schema_migrations'`)
  const seeds = []
  for (const { name } of tables) {
    const [row] = await database.query<{ rows: string }>(
      sql`select json_agg(t)::text as rows from ${raw(name)} t`,
    )
    if (row?.rows) seeds.push({ table: name, rows: row.rows })
  }
  return { database, schema: await schemaOf(database), seeds }
}

/** False if its test changed more than rows. */
async function makeEmpty({ database, schema, seeds }: Pooled): Promise<boolean> {
  await database.script(`
    select pg_advisory_unlock_all();
    unlisten *;
    do $$
    declare
      found record;
    begin
      -- Neither triggers nor references: everything goes.
      set local session_replication_role = replica;
      for found in
        select c.oid::regclass as name, pg_relation_size(c.oid) as bytes from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and pg_relation_size(c.oid) > 0
          and c.relname <> 'schema_migrations'
      loop
        if found.bytes > ${LARGE_BYTES} then execute format('truncate %s cascade', found.name);
        else execute format('delete from %s', found.name);
        end if;
      end loop;
      perform setval(seqrelid, seqstart, false) from pg_sequence;
    end $$;`)
  for (const { table, rows } of seeds) {
    await database.query(
      sql`insert into ${raw(table)} select * from json_populate_recordset(null::${raw(table)}, ${rows}::json)`,
    )
  }
  return (await schemaOf(database)) === schema
}

/** Changes with anything a test may do to a database besides its rows. */
async function schemaOf(database: Database): Promise<string> {
  const [row] = await database.query<{ hash: string }>(sql`
    select md5(string_agg(line, ' ' order by line)) as hash from (
      -- A table that is truncated gets another file, and its row here another xmin.
      select concat('c', oid, relname, relkind, relacl, reloptions) as line from pg_class where oid >= 16384
      union all select concat('a', attrelid, attnum, xmin) from pg_attribute where attrelid >= 16384
      union all select concat('p', oid, xmin) from pg_proc where oid >= 16384
      union all select concat('r', oid, xmin) from pg_rewrite where oid >= 16384
      union all select concat('o', oid, xmin) from pg_constraint where oid >= 16384
      union all select concat('t', oid, xmin) from pg_trigger where oid >= 16384
      union all select concat('n', oid, xmin) from pg_namespace
      union all select concat('u', oid, xmin) from pg_authid
      union all select concat('e', oid, xmin) from pg_extension
      union all select concat('d', setdatabase, setrole, setconfig) from pg_db_role_setting
      union all select concat('s', name, setting) from pg_settings where source = 'session'
      union all select concat('m', name, checksum) from schema_migrations
    ) all_of_it`)
  return row?.hash ?? ''
}
