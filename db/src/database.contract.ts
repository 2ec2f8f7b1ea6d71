import { AsyncLocalStorage } from 'node:async_hooks'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Database, errorCode, isUnavailable } from './database.ts'
import { migrate, readMigrations, toMigration } from './migrate.ts'
import { describeSchema } from './schema.ts'
import { join as joinSql, raw, sql } from './sql.ts'
import { type Backend, openEmptyDatabase, openTestDatabase } from './testing.ts'

const snapshotFile = join(import.meta.dirname, '../schema.snapshot.txt')

/** What every `Database` guarantees, whichever driver is underneath. */
export function databaseContract(backend: Backend): void {
  describe(`Database: ${backend.name}`, () => {
    let database: Database

    beforeAll(async () => {
      database = await openTestDatabase(backend)
      await database.script(`
        create table notes (id bigint primary key, words text, body jsonb, at timestamptz, bytes bytea, yes boolean);
        create table tally (only_row boolean primary key default true, n bigint not null);
        insert into tally (n) values (0);`)
    })
    afterAll(() => database?.[Symbol.asyncDispose]())

    const codeOf = (promise: Promise<unknown>) => promise.then(() => 'none', errorCode)
    const countNotes = async () => {
      const [row] = await database.query<{ n: number }>(sql`select count(*)::int as n from notes`)
      return row?.n
    }

    test('[STORE-1] gives the same types as every other driver', async () => {
      const [row] = await database.query(sql`
        select 9007199254740991::int8 as big, sum(n)::bigint as total, 7::int4 as small, 0.5::float8 as ratio,
               '2026-03-01 12:00:00.5+02'::timestamptz as at, '{"a":[1,null]}'::jsonb as body,
               '\\x00ff'::bytea as bytes, true as yes, null::text as nothing,
               array['a,b', 'c"\\', null]::text[] as words, array[1, null, 3]::bigint[] as numbers,
               '2026-03-01'::date as day, '1 day 2 hours'::interval as span, 1.50::numeric as exact
        from (values (1::bigint), (2)) numbers (n)`)
      expect(row).toStrictEqual({
        ...{ big: 9007199254740991, total: 3, small: 7, ratio: 0.5, yes: true, nothing: null },
        at: new Date('2026-03-01T10:00:00.500Z'),
        body: { a: [1, null] },
        bytes: new Uint8Array([0, 255]),
        words: ['a,b', 'c"\\', null],
        numbers: [1, null, 3],
        ...{ day: '2026-03-01', span: '1 day 02:00:00', exact: '1.50' },
      })
    })

    test('[STORE-1] takes the same values as every other driver', async () => {
      const at = new Date('2026-03-01T10:00:00.123Z')
      const list = ['x', 'y"\\', null, 'z"\n\t\u0001é😀', '["a","b"]', 'NULL', '']
      const [row] = await database.query(sql`
        select ${'\\N "quoted"'}::text as words, ${2 ** 53 - 1}::bigint as number, ${12n}::bigint as big, ${false}::boolean as no,
               ${at}::timestamptz as at, ${new Uint8Array([1, 92])}::bytea as bytes, ${{ a: 'b' }}::jsonb as body,
               ${list}::text[] as list, ${[{ a: 1 }]}::jsonb[] as bodies, ${undefined}::text as nothing`)
      expect(row).toStrictEqual({
        ...{ words: '\\N "quoted"', number: 2 ** 53 - 1, big: 12, no: false, at },
        bytes: new Uint8Array([1, 92]),
        ...{ body: { a: 'b' }, list, bodies: [{ a: 1 }], nothing: null },
      })
    })

    test('[STORE-1] returns every text as stored, an invisible first character included', async () => {
      const words = ['\ufeffa', '\ufeff', '\u200ba', ' a ', '\r\n', '\ufffe', '\u202ea', 'e\u0301']
      const rows = words.map((text, id) => [1_000 + id, text, JSON.stringify({ text })])
      await database.transaction((tx) => tx.copyIn('notes', ['id', 'words', 'body'], rows))
      const stored = await database.query(sql`
        select words, body ->> 'text' as from_body, body, words = w as is_same
        from notes join unnest(${words}::text[]) with ordinality as t (w, n) on id = 999 + n
        order by id`)
      const whole = words.map((text) => ({
        ...{ words: text, from_body: text, body: { text }, is_same: true },
      }))
      expect(stored).toEqual(whole)
      await database.query(sql`delete from notes where id >= 1000`)
    })

    test('[STORE-1] a value without an exact form is an error, never rounded', async () => {
      expect(await codeOf(database.query(sql`select 9007199254740993::int8 as n`))).toBe('22003')
      expect(await codeOf(database.query(sql`select array[9007199254740993] as n`))).toBe('22003')
      expect(await codeOf(database.query(sql`select 'infinity'::timestamptz as at`))).toBe('22008')
      expect(await codeOf(database.query(sql`select ${Number.NaN}::float8 as n`))).toBe('22003')
    })

    test('[STORE-2] stays usable after a statement that failed', async () => {
      for (let i = 0; i < 20; i += 1) {
        expect(await codeOf(database.query(sql`select ${'x'}::text::int`))).toBe('22P02')
        expect(await codeOf(database.query(sql`select ${i} from nowhere`))).toBe('42P01')
        expect(await codeOf(database.query(sql`select ${'a\0b'}::text`))).toBe('22021')
        expect(await database.query(sql`select ${i}::int as n`)).toEqual([{ n: i }])
      }
      await expect(database.script('begin; select 1; select 1/0; commit')).rejects.toThrow()
      expect(await database.query(sql`select 1 as n`)).toEqual([{ n: 1 }])
    })

    test('[STORE-2] rolls back the whole transaction when its work throws', async () => {
      const before = await countNotes()
      const work = database.transaction(async (transaction) => {
        await transaction.query(sql`insert into notes (id) values (100)`)
        await transaction.copyIn('notes', ['id'], [[101]])
        throw new Error('changed my mind')
      })
      await expect(work).rejects.toThrow('changed my mind')
      expect(await countNotes()).toBe(before)
    })

    test('[STORE-2] does not report a commit when a statement failed and its error was swallowed', async () => {
      const work = database.transaction(async (transaction) => {
        await transaction.query(sql`insert into notes (id) values (110)`)
        await transaction.query(sql`select 1/0`).catch(() => {})
      })
      expect(await codeOf(work)).toBe('25P02')
      expect(await database.query(sql`select id from notes where id = 110`)).toEqual([])
    })

    test('[STORE-2] shows nothing of a transaction before its commit', async () => {
      const asAnotherRequest = AsyncLocalStorage.snapshot()
      const count = sql`select count(*)::int as n from notes where id = 120`
      let seen: Promise<unknown> | undefined
      await database.transaction(async (transaction) => {
        await transaction.query(sql`insert into notes (id) values (120)`)
        seen = asAnotherRequest(() => database.query(count))
        expect(await transaction.query(sql`select id from notes where id = 120`)).toHaveLength(1)
        // On the embedded database, it waits for the end of the transaction.
        if (database.writers > 1) expect(await seen).toEqual([{ n: 0 }])
      })
      expect(await seen).toEqual([{ n: database.writers > 1 ? 0 : 1 }])
      expect(await database.query(count)).toEqual([{ n: 1 }])
    })

    test('[STORE-2] makes concurrent transactions take turns on a row', async () => {
      const add = () =>
        database.transaction(async (transaction) => {
          const [row] = await transaction.query<{ n: number }>(
            sql`select n from tally for no key update`,
          )
          await transaction.query(sql`update tally set n = ${(row?.n ?? 0) + 1}`)
        })
      await Promise.all(Array.from({ length: 40 }, add))
      expect(await database.query(sql`select n from tally`)).toEqual([{ n: 40 }])
    })

    test('[STORE-2] refuses a statement of a transaction that is over', async () => {
      const kept = await database.transaction(async (transaction) => transaction)
      expect(await codeOf(kept.query(sql`select 1`))).toBe('25P01')
      expect(await codeOf(kept.copyIn('notes', ['id'], [[130]]))).toBe('25P01')
    })

    test('[STORE-1] copies hostile text exactly', async () => {
      const texts = [
        ...['', null, '\\N', '\\.', '\\', '\\\\', 'a\tb', 'a\nb', 'a\r\nb', '\\t', `it's "quoted"`],
        ...['NULL', ' spaces ', 'ユニコード 🎁 é', '$1', 'a,b', '\u2028', '\\x41', '\b\f\v'],
      ]
      const at = new Date('2026-03-01T10:00:00.123Z')
      const bytes = new Uint8Array([0, 9, 10, 92, 255])
      const rows = texts.map((text, i) => [1_000 + i, text, { text }, at, bytes, i % 2 === 0])
      await database.transaction((transaction) =>
        transaction.copyIn('notes', ['id', 'words', 'body', 'at', 'bytes', 'yes'], rows),
      )
      const read = await database.query(
        sql`select * from notes where id >= 1000 and id < 2000 order by id`,
      )
      const expected = texts.map((text, i) => ({
        ...{ id: 1_000 + i, words: text, body: { text }, at, bytes, yes: i % 2 === 0 },
      }))
      expect(read).toStrictEqual(expected)
    })

    test('[STORE-1] fails a copy as a whole and leaves the connection usable', async () => {
      const copy = (rows: unknown[][]) =>
        database.transaction((transaction) => transaction.copyIn('notes', ['id', 'words'], rows))
      expect(
        await codeOf(
          copy([
            [2_000, 'a'],
            [2_000, 'b'],
          ]),
        ),
      ).toBe('23505')
      expect(
        await codeOf(
          copy([
            [2_001, 'a'],
            ['no number', 'b'],
          ]),
        ),
      ).toBe('22P02')
      expect(
        await codeOf(
          copy([
            [2_002, 'a'],
            [2_003, 'a\0b'],
          ]),
        ),
      ).toBe('22021')
      expect(
        await codeOf(
          copy([
            [2_004, 'a'],
            [Number.POSITIVE_INFINITY, 'b'],
          ]),
        ),
      ).toBe('22003')
      await copy([])
      expect(
        await database.query(sql`select id from notes where id between 2000 and 2999`),
      ).toEqual([])
    })

    test('[STORE-1] copies 10,000 rows', async () => {
      const rows = Array.from({ length: 10_000 }, (_, i) => [
        10_000 + i,
        `row ${i}`.repeat(20),
        { i },
      ])
      await database.transaction((transaction) =>
        transaction.copyIn('notes', ['id', 'words', 'body'], rows),
      )
      const [row] = await database.query(
        sql`select count(*)::int as n, sum((body ->> 'i')::int)::int as total from notes where id >= 10000`,
      )
      expect(row).toEqual({ n: 10_000, total: 49_995_000 })
    })

    test('[STORE-3] migrates once when several nodes start at once, and not again', async () => {
      await using empty = await openEmptyDatabase(backend)
      const applied: string[] = []
      const log = (line: string) => applied.push(line)
      await Promise.all(Array.from({ length: 4 }, () => migrate(empty, { log })))
      expect(new Set(applied).size).toBe(applied.length)
      expect(applied.length).toBeGreaterThan(readMigrations().length)
      await migrate(empty, { log: (line) => expect.fail(line) })
    })

    test('[STORE-3] refuses a database with a changed or unknown migration, with the reason', async () => {
      const [first, ...others] = readMigrations()
      if (first === undefined) expect.fail('there are no migrations')
      const changed = [toMigration(first.name, `${first.text} -- changed`), ...others]
      await expect(migrate(database, { migrations: changed })).rejects.toThrow(
        `The migration ${first.name} differs from the one applied to this database`,
      )
      await expect(migrate(database, { migrations: others })).rejects.toThrow('newer release')
    })

    test('[STORE-3] a migration may change columns that tenant views read; the views are re-created', async () => {
      await using database = await openTestDatabase(backend)
      const text = 'alter table claims alter column key type varchar(4000);'
      const migrations = [...readMigrations(), toMigration('9999_wider.sql', text)]
      await migrate(database, { migrations })
      expect(await database.query(sql`select to_regclass('tenant.claims')::text as view`)).toEqual([
        { view: 'tenant.claims' },
      ])
    })

    test('[STORE-3] leaves nothing of a failed migration', async () => {
      const broken = toMigration('9999_broken.sql', 'create table half (a int); select 1/0;')
      const migrations = [...readMigrations(), broken]
      await expect(migrate(database, { migrations })).rejects.toThrow('9999_broken.sql failed')
      expect(await database.query(sql`select to_regclass('half')::text as name`)).toEqual([
        { name: null },
      ])
      await migrate(database)
    })

    test('[STORE-3] has the schema of db/schema.snapshot.txt', async () => {
      await using fresh = await openTestDatabase(backend)
      const schema = await describeSchema(fresh)
      if (process.env.UPDATE_SCHEMA === '1') writeFileSync(snapshotFile, schema)
      expect(
        schema,
        'The schema is not db/schema.snapshot.txt. If that is meant: UPDATE_SCHEMA=1 npm test -- db/src/embedded.test.ts',
      ).toBe(readFileSync(snapshotFile, 'utf8'))
    })

    test('[STORE-1] buckets time and takes first and last values like every other edition', async () => {
      const widths = ['10 s', '1 minute', '15 minutes', '1 day', '1 week', '1 month', '1 year']
      const buckets = widths.map(
        (width, i) => sql`min(time_bucket(${width}::interval, at)) as ${raw(`w${i}`)}`,
      )
      const [row] = await database.query(sql`
        select ${joinSql(buckets)}, last(n, at) as last_n, first(n, at) as first_n, last(words, at) as last_words
        from (values ('2026-03-05 11:59:59.9Z'::timestamptz, 1::bigint, 'a,"b"'),
                     ('2026-03-05 12:00:00Z', 3, null),
                     ('2026-03-05 11:59:59.95Z', 2, 'c'), (null, 9, 'd')) x (at, n, words)`)
      expect(row).toEqual({
        w0: new Date('2026-03-05T11:59:50Z'),
        w1: new Date('2026-03-05T11:59:00Z'),
        w2: new Date('2026-03-05T11:45:00Z'),
        w3: new Date('2026-03-05T00:00:00Z'),
        w4: new Date('2026-03-02T00:00:00Z'),
        w5: new Date('2026-03-01T00:00:00Z'),
        w6: new Date('2026-01-01T00:00:00Z'),
        ...{ last_n: 3, first_n: 1, last_words: null },
      })
    })

    test('[NODE-4] is unavailable once it is closed', async () => {
      const closed = await openEmptyDatabase(backend)
      const running = closed.transaction((transaction) => transaction.query(sql`select 1 as n`))
      expect(await running).toEqual([{ n: 1 }])
      await closed[Symbol.asyncDispose]()
      const error = await closed.query(sql`select 1`).catch((error) => error)
      expect(isUnavailable(error), String(error)).toBe(true)
    })
  })
}
