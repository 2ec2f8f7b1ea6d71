import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { createTestDatabase, editions } from '../../scripts/test/backends.ts'
import { databaseContract } from './database.contract.ts'
import { errorCode, isUnavailable } from './database.ts'
import { migrate } from './migrate.ts'
import { sql } from './sql.ts'
import { openTestDatabase } from './testing.ts'
import { openTimescale, serverProblem } from './timescale.ts'

const servers = editions().flatMap(({ name, url }) => (url ? [{ name, url }] : []))

for (const server of servers) {
  databaseContract(server)

  describe(`TimescaleDB: ${server.name}`, () => {
    test('[STORE-3] migrates once when four processes start at once on an empty server', async () => {
      await using own = await createTestDatabase(server.url)
      const nodes = await Promise.all(Array.from({ length: 4 }, () => openTimescale(own)))
      const applied: string[] = []
      await Promise.all(nodes.map((node) => migrate(node, { log: (line) => applied.push(line) })))
      await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()))
      expect(applied).toContain('migrated: 0001_spine.sql')
      expect(new Set(applied).size).toBe(applied.length)
    })

    test('[STORE-3] keeps the log in a hypertable and names its edition', async () => {
      await using database = await openTestDatabase(server)
      expect(
        await database.query(
          sql`select hypertable_name::text as name from timescaledb_information.hypertables`,
        ),
      ).toEqual([{ name: 'events' }])
      const [row] = await database.query(
        sql`select current_setting('timescaledb.license') as license`,
      )
      const edition = row?.license === 'timescale' ? 'timescale-community' : 'timescale-apache'
      expect(database.edition).toBe(edition)
      expect(database.description).toMatch(
        /^TimescaleDB \d+\.\d+\S* (Community|Apache) edition on PostgreSQL \d+\S*$/,
      )
    })

    test('[STORE-2] commits durably even when the server says otherwise', async () => {
      await using own = await createTestDatabase(server.url)
      await using first = await openTimescale(own)
      await first.script(`do $$ begin execute format(
        'alter database %I set synchronous_commit = off', current_database()); end $$`)
      await using database = await openTimescale(own)
      expect(await database.query(sql`show synchronous_commit`)).toEqual([
        { synchronous_commit: 'on' },
      ])
    })

    test('[STORE-2] an idle transaction is ended, so its locks are released', async () => {
      await using own = await createTestDatabase(server.url)
      await using database = await openTimescale({ ...own, idleInTransactionMs: 200 })
      await database.script('create table held (id int); insert into held values (1)')
      const locked = Promise.withResolvers<void>()
      const woken = Promise.withResolvers<void>()
      const frozen = database.transaction(async (tx) => {
        await tx.query(sql`select from held for update`)
        locked.resolve()
        await woken.promise
        await tx.query(sql`select 1`)
      })
      await locked.promise
      await database.query(sql`update held set id = 2`)
      woken.resolve()
      const error = await frozen.catch((reason: unknown) => reason)
      expect(errorCode(error)).toBe('25P03')
      expect(await database.query(sql`select id from held`)).toEqual([{ id: 2 }])
    })

    test('[STORE-2] by default an idle transaction is ended after 5 s', async () => {
      await using own = await createTestDatabase(server.url)
      await using database = await openTimescale(own)
      expect(await database.query(sql`show idle_in_transaction_session_timeout`)).toEqual([
        { idle_in_transaction_session_timeout: '5s' },
      ])
    })

    test('[NODE-4] says unavailable when the server cuts a transaction, and works again after', async () => {
      await using database = await openTestDatabase(server)
      const cutting = database.transaction(async (transaction) => {
        const [row] = await transaction.query<{ pid: number }>(sql`select pg_backend_pid() as pid`)
        await database.query(sql`select pg_terminate_backend(${row?.pid})`)
        await transaction.query(sql`select 1`)
        await transaction.query(sql`select 1`)
      })
      const error = await cutting.catch((error) => error)
      expect(isUnavailable(error), String(error)).toBe(true)
      expect(await database.query(sql`select 1 as n`)).toEqual([{ n: 1 }])
    })

    test('[NODE-4] is unavailable while all connections are taken', async () => {
      await using own = await createTestDatabase(server.url)
      await using database = await openTimescale({
        url: own.url,
        maxConnections: 1,
        connectTimeoutMs: 200,
      })
      await database.transaction(async () => {
        expect(await database.query(sql`select 1`).catch(errorCode)).toBe('DATABASE_UNAVAILABLE')
      })
      expect(await database.query(sql`select 1 as n`)).toEqual([{ n: 1 }])
    })

    test('[STORE-2] gives up on a statement that takes too long', async () => {
      await using own = await createTestDatabase(server.url)
      await using database = await openTimescale({ url: own.url, statementTimeoutMs: 100 })
      expect(await database.query(sql`select pg_sleep(5)`).catch(errorCode)).toBe('57014')
      expect(await database.query(sql`select 1 as n`)).toEqual([{ n: 1 }])
    })
  })
}

test('[NODE-4] a server that refuses, hangs up or never answers is unavailable', async () => {
  const refusing = createServer()
  const hangingUp = createServer((socket) => socket.destroy())
  const silent = createServer()
  for (const server of [refusing, hangingUp, silent]) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address?.port
    if (server === refusing) server.close()
    const url = `postgres://nobody@127.0.0.1:${port}/none`
    const error = await openTimescale({ url, connectTimeoutMs: 200 }).catch((error) => error)
    expect(isUnavailable(error), String(error)).toBe(true)
    if (server !== refusing) server.close()
  }
})

test('[STORE-3] says what a server lacks', () => {
  const server = { number: 170_005, version: '17.5', available: '2.19.0' }
  expect(serverProblem(server)).toBeUndefined()
  expect(serverProblem({ ...server, number: 160_009, version: '16.9' })).toContain(
    'PostgreSQL 17 or later is needed; this server is 16.9.',
  )
  expect(serverProblem({ ...server, available: null })).toContain('TimescaleDB is not installed')
})
