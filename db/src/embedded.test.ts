import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { databaseContract } from './database.contract.ts'
import { errorCode } from './database.ts'
import { sql } from './sql.ts'
import { openEmptyDatabase, openTestDatabase } from './testing.ts'

databaseContract({ name: 'embedded' })

test('[STORE-2] embedded: names the mistake of a query that would wait for its own transaction', async () => {
  await using database = await openTestDatabase()
  const stuck = database.transaction(() => database.query(sql`select 1`))
  await expect(stuck).rejects.toThrow('inside a transaction, use the transaction')
  expect(await database.query(sql`select 1 as n`)).toEqual([{ n: 1 }])
})

test('[NODE-4] embedded: when a thread ends, its current call fails with the reason and waiting calls get a new thread', async () => {
  let thread: Worker | undefined
  const keep = (message: unknown) => {
    thread = (message as { worker: Worker }).worker
  }
  subscribe('worker_threads', keep)
  // A migrated one may belong to another test whose thread is already running.
  await using database = await openEmptyDatabase({ name: 'embedded' })
  unsubscribe('worker_threads', keep)

  const running = database.query(sql`select pg_sleep(60)`)
  const behind = database.transaction((transaction) => transaction.query(sql`select 1 as n`))
  await thread?.terminate()
  expect(await running.catch(errorCode)).toBe('DATABASE_UNAVAILABLE')
  expect(await behind).toEqual([{ n: 1 }])
})
