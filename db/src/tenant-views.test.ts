import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { editions } from '../../scripts/test/backends.ts'
import { levels } from './aggregates.ts'
import { type Database, errorCode, type TenantRead, type TenantReads } from './database.ts'
import { tablesWithCreator } from './schema.ts'
import { raw, sql } from './sql.ts'
import type { Tenant } from './tenant.ts'
import { tenantViewsScript } from './tenant-views.ts'
import { openTestDatabase } from './testing.ts'

/** Safe: only these tests use it. */
const as = (creatorId: string) => ({ creatorId }) as Tenant

const archived = (table: string, id: string) => `
  insert into ${table} (creator_id, type, bucket, rows, units, opening, money, diamonds, main_order, sku_order,
    live_first, day_first, ever_first, excluded) values ('${id}', 'like', now(), ${'1, '.repeat(11).slice(0, -2)});`

const hostile = `o'; reset role; --\\'`

describe.each(editions())('reading as a tenant on $name', (backend) => {
  let database: Database
  /** Continuous aggregates cannot be written. */
  const hasTables = () => database.edition !== 'timescale-community'
  beforeAll(async () => {
    database = await openTestDatabase(backend)
    for (const id of ['ours', 'theirs']) {
      await database.script(`
        insert into creators (id, name, time_zone, currency) values ('${id}', '${id}', 'UTC', 'USD');
        insert into counters (creator_id, seq) values ('${id}', 2);
        insert into lives (creator_id, session_id, started_at, inferred, last_at)
          values ('${id}', 'live of ${id}', now(), false, now());
        insert into resettle (creator_id, reason) values ('${id}', 'live');
        insert into claims (creator_id, kind, key) values ('${id}', 'order', '${id}');
        insert into people_days values ('${id}', 'viewer_day', '2026-01-01', '', 1);
        insert into dirty (creator_id, bucket) values ('${id}', date_trunc('hour', now()));
        insert into people (creator_id, user_id, seen_at) values ('${id}', 'u', now());
        insert into comments (creator_id, event_id, ts, text) values ('${id}', 'e', now(), '${id}');
        insert into goals (creator_id, metric, target) values ('${id}', 'gmv', 1);
        insert into alert_rules (creator_id, revision, body, enabled) values ('${id}', 1, '{}', true);
        insert into alert_states (creator_id, rule_id, version, phase, state)
          values ('${id}', gen_random_uuid(), 1, 'normal', '{}');
        insert into alert_episodes (creator_id, id, rule_id, number, kind, severity, fired_at, why)
          values ('${id}', 'e', gen_random_uuid(), 1, 'alert', 'info', now(), '{}');
        insert into alert_silences (creator_id, until, made_by) values ('${id}', now(), '${id}');
        insert into sources (creator_id, kind, account, name) values ('${id}', 'tiktok_live', '${id}', '${id}');
        insert into alert_targets (creator_id, kind, name, address) values ('${id}', 'slack', '${id}', '${id}');
        insert into alert_deliveries (creator_id, target_id, items)
          select creator_id, id, '[]' from alert_targets where creator_id = '${id}';
        insert into dead_letters (creator_id, reason, event) values ('${id}', 'broken', '{}');
        insert into dead_letters_lost (creator_id, letters, at) values ('${id}', 1, now());
        insert into usage (creator_id, minute, node) values ('${id}', now(), gen_random_uuid());
        insert into checkpoints (creator_id, generation, fold_version, seq, state)
          values ('${id}', 1, 1, 1, '{"of":"${id}"}');
        insert into log_bases (creator_id, until, fold_version, holes_until, state, stock_seqs)
          values ('${id}', now(), 1, 1, '{"of":"${id}"}', '{}');
        insert into frozen_lives (creator_id, session_id, until, seq, fold_version, state)
          values ('${id}', 'live of ${id}', now(), 1, 1, '{"of":"${id}"}');
        ${levels.map(({ archive }) => archived(archive, id)).join('\n')}
        ${levels.map(({ view }) => (hasTables() ? archived(view, id) : '')).join('\n')}
        insert into tail (creator_id, seq, event) values ('${id}', 1, '{"of":"${id}"}'), ('${id}', 2, '{}');
        insert into events (creator_id, seq, ts, received_at, id, type, day, units)
          select '${id}', n, now() - interval '1 hour', now(), '${id} ' || n, 'like', '2026-01-01', n
          from generate_series(1, 2) n;`)
    }
  })
  afterAll(() => database?.[Symbol.asyncDispose]())

  const owners = async (read: TenantRead, table: string, column = 'creator_id') => {
    const rows = await read.query<{ owner: string }>(
      sql`select distinct ${raw(column)} as owner from ${raw(table)}`,
    )
    return rows.map(({ owner }) => owner)
  }
  /** What the comments of tables say, read independently of the code that makes the views. */
  const commented = async (beginning: string) => {
    const found = await database.query<{ name: string }>(sql`
      select c.relname::text as name from pg_class c join pg_description d on d.objoid = c.oid and d.objsubid = 0
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
        and starts_with(d.description, ${beginning}) order by 1`)
    return found.map(({ name }) => name)
  }
  const readable = async () =>
    (await commented('Tenants read their own rows (')).filter((name) => name !== 'creators')
  const refused = (work: (read: TenantRead) => Promise<unknown>, id = 'ours') =>
    database.readAs(as(id), work).then(() => 'none', errorCode)

  test('[P5][ACCESS-2] every table with a creator says whether tenants read it, and exactly those have a view', async () => {
    const named = await database.query<{ name: string }>(sql`
      select table_name as name from information_schema.columns
      where column_name = 'creator_id' and table_schema = 'tenant' order by 1`)
    const tables = await readable()
    expect(named.map(({ name }) => name)).toEqual(
      [...tables, ...levels.map(({ view }) => view)].sort(),
    )
    const hidden = await commented('Tenants read nothing: ')
    const aggregates = hasTables() ? levels.map(({ view }) => view) : []
    expect((await tablesWithCreator(database)).sort()).toEqual(
      [...tables, ...hidden, ...aggregates].sort(),
    )
    // Secrets, and tables about several creators at once.
    expect(hidden).toEqual(expect.arrayContaining(['api_keys', 'audit_log', 'event_ids', 'roles']))
  })

  test('[P5][ACCESS-2] a new table is readable as its comment says, and by nobody without one', async () => {
    await using fresh = await openTestDatabase(backend)
    await fresh.script(`
      create table told (creator_id text, word text);
      comment on table told is 'A toy. Tenants read their own rows (creator_id).';
      create table untold (creator_id text);
      create table hidden (creator_id text);
      comment on table hidden is 'Tenants read nothing: a toy.';
      create table shared (word text);
      comment on table shared is 'Tenants read every row.';
      insert into told values ('ours', 'a'), ('theirs', 'b');
      insert into shared values ('c');
      ${tenantViewsScript([])}`)
    expect(
      await fresh.readAs(as('ours'), (read) => read.query(sql`select word from told`)),
    ).toEqual([{ word: 'a' }])
    expect(
      await fresh.readAs(as('ours'), (read) => read.query(sql`select word from shared`)),
    ).toEqual([{ word: 'c' }])
    for (const name of ['untold', 'hidden', 'public.told']) {
      const reading = fresh.readAs(as('ours'), (read) => read.query(sql`select from ${raw(name)}`))
      expect(await reading.catch(errorCode), name).toBe('42501')
    }
  })

  test('[P5][ACCESS-2] sees the rows of its creator alone, whatever the statement asks for', async () => {
    const tables = await readable()
    await database.readAs(as('ours'), async (read) => {
      for (const table of tables) expect(await owners(read, table), table).toEqual(['ours'])
      expect(await owners(read, 'creators', 'id')).toEqual(['ours'])
      expect(
        await read.query(sql`select from events where creator_id = ${'theirs'} or true`),
      ).toHaveLength(2)
      for (const { view } of levels) {
        expect(await owners(read, view), view).toEqual(hasTables() ? ['ours'] : [])
      }
    })
    expect(await database.readAs(as('nobody'), (read) => owners(read, 'events'))).toEqual([])
    expect(await database.readAs(as(hostile), (read) => owners(read, 'events'))).toEqual([])
  })

  test('[P5][ACCESS-2] tables, keys and hidden columns cannot be read, and nothing can be written', async () => {
    const hidden = await commented('Tenants read nothing: ')
    const all = [...(await readable()), ...hidden, 'creators', 'sign_ins', 'leases']
    for (const table of [...all, ...levels.map(({ view }) => view)]) {
      const name = `public.${table}`
      expect(await refused((read) => read.query(sql`select from ${raw(name)}`)), name).toBe('42501')
    }
    const write = sql`update lives set inferred = true`
    expect(await refused((read) => read.query(write))).toMatch(/^(25006|42501)$/)
  })

  test("[P5][ACCESS-2] a condition that leaks what it sees never sees other creators' rows", async () => {
    await database.script(`
      create function tell(text) returns boolean language plpgsql cost 0.0000001 as $$
      begin
        if $1 like 'theirs%' then raise exception 'saw %', $1; end if;
        return true;
      end $$;
      grant execute on function tell(text) to public;`)
    expect(
      await database.readAs(as('ours'), (read) =>
        read.query(sql`select from events where tell(id)`),
      ),
    ).toHaveLength(2)
    // The same function does leak without a barrier.
    await expect(database.query(sql`select from events where tell(id)`)).rejects.toThrow('saw')
  })

  test('[P5][ACCESS-2] tenant rights end with the read: the next statement has its own rights again', async () => {
    let kept: TenantRead | undefined
    await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        database
          .readAs(as(n % 2 ? 'ours' : 'theirs'), async (read) => {
            kept = read
            expect(await owners(read, 'events')).toEqual([n % 2 ? 'ours' : 'theirs'])
            if (n % 3 === 0) await read.query(sql`select from public.events`)
          })
          .catch((error: unknown) => expect(errorCode(error)).toBe('42501')),
      ),
    )
    const rows = await Promise.all(
      Array.from({ length: 12 }, () => database.query(sql`select from events`)),
    )
    expect(rows.map(({ length }) => length)).toEqual(Array(12).fill(4))
    await expect(kept?.query(sql`select 1`)).rejects.toMatchObject({ code: '25P01' })
  })

  test('[P5][ACCESS-2] all statements of one reading see the same moment', async () => {
    const count = (read: TenantRead) => read.query(sql`select from lives`)
    if (database.writers === 1) {
      // The embedded database does one thing at a time: a writer waits until the read is over.
      let isOver = false
      const reading = database.readAs(as('ours'), async (read) => {
        const first = await count(read)
        expect(await count(read)).toEqual(first)
        isOver = true
      })
      await database.query(sql`update lives set inferred = inferred`)
      expect(isOver).toBe(true)
      return reading
    }
    await database.readAs(as('ours'), async (read) => {
      expect(await count(read)).toHaveLength(1)
      await database.query(sql`
        insert into lives (creator_id, session_id, started_at, inferred, last_at)
        values ('ours', 'meanwhile', now(), false, now())`)
      expect(await count(read)).toHaveLength(1)
    })
    expect(await database.readAs(as('ours'), count)).toHaveLength(2)
  })

  test('[P5][ACCESS-2] a query without a tenant does not compile', async () => {
    const reads: TenantReads = database
    // @ts-expect-error: there is no query without a tenant.
    expect(typeof reads.query).toBe('function')
    // @ts-expect-error: a name is no tenant; only `authorize` makes one.
    expect(await reads.readAs({ creatorId: 'ours' }, (read) => owners(read, 'events'))).toEqual([
      'ours',
    ])
    const needsTenant = (read: TenantRead) => owners(read, 'events')
    // @ts-expect-error: the database is no reading of one creator.
    expect((await needsTenant(database)).sort()).toEqual(['ours', 'theirs'])
  })
})
