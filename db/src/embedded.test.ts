import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { databaseContract } from './database.contract.ts'
import { errorCode } from './database.ts'
import { sql } from './sql.ts'
import { openTestDatabase } from './testing.ts'

databaseContract({ name: 'embedded' })

test('[DB-5] embedded: names the mistake of a query that would wait for its own transaction', async () => {
  await using database = await openTestDatabase()
  const stuck = database.transaction(() => database.query(sql`select 1`))
  await expect(stuck).rejects.toThrow('inside a transaction, use the transaction')
  expect(await database.query(sql`select 1 as n`)).toEqual([{ n: 1 }])
})

test('[DB-12] embedded: a thread that ends makes every call say so', async () => {
  let thread: Worker | undefined
  const keep = (message: unknown) => {
    thread = (message as { worker: Worker }).worker
  }
  subscribe('worker_threads', keep)
  await using database = await openTestDatabase()
  unsubscribe('worker_threads', keep)

  const calls = [
    database.query(sql`select pg_sleep(60)`),
    database.query(sql`select 1`),
    database.transaction((transaction) => transaction.query(sql`select 1`)),
    database.script('select 1'),
  ]
  await thread?.terminate()
  const codes = (await Promise.allSettled(calls)).map(
    (call) => call.status === 'rejected' && errorCode(call.reason),
  )
  expect(codes).toEqual(codes.map(() => 'DATABASE_UNAVAILABLE'))
  expect(await database.query(sql`select 1`).catch(errorCode)).toBe('DATABASE_UNAVAILABLE')
})
