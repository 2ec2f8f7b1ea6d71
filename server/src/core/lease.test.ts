import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { editions } from '../../../scripts/test/backends.ts'
import { forgetLeases, withLease } from './lease.ts'

describe.each(editions())('a lease on $name', (backend) => {
  let database: Database
  beforeAll(async () => {
    database = await openTestDatabase(backend)
  })
  afterAll(() => database?.[Symbol.asyncDispose]())

  test('[NODE-6] has one holder at a time, and is free afterwards, even after a failure', async () => {
    let atOnce = 0
    let most = 0
    const work = async () => {
      most = Math.max(most, ++atOnce)
      await database.query(sql`select 1`)
      atOnce--
    }
    const attempts = Array.from({ length: 5 }, () => withLease(database, 'one', work))
    const done = (await Promise.all(attempts)).filter(Boolean)
    expect(done.length).toBeGreaterThan(0)
    expect(most).toBe(1)
    const failing = withLease(database, 'one', () => Promise.reject(new Error('broken')))
    await expect(failing).rejects.toThrow('broken')
    expect(await withLease(database, 'one', work)).toBe(true)
  })

  test('[NODE-6] is kept while its holder works, and passes on when the holder dies', async () => {
    const ttlMs = 300
    const finish = Promise.withResolvers<void>()
    const holding = withLease(database, 'long', () => finish.promise, { ttlMs })
    const expiry = async () => {
      const [row] = await database.query<{ at: Date }>(
        sql`select expires_at as at from leases where name = 'long'`,
      )
      return row?.at.getTime() ?? 0
    }
    await expect.poll(expiry).toBeGreaterThan(0)
    const first = await expiry()
    // Renewed past its first end: nobody else holds it meanwhile.
    await expect.poll(expiry).toBeGreaterThan(first + ttlMs)
    expect(await withLease(database, 'long', async () => {}, { ttlMs })).toBe(false)
    finish.resolve()
    expect(await holding).toBe(true)

    await database.query(sql`
      insert into leases (name, holder, expires_at)
      values ('dead', gen_random_uuid(), clock_timestamp() + interval '300 ms')`)
    expect(await withLease(database, 'dead', async () => {})).toBe(false)
    await expect.poll(() => withLease(database, 'dead', async () => {})).toBe(true)
  })

  test('[NODE-6] its holder learns when it is lost', async () => {
    const taken = await withLease(
      database,
      'stolen',
      async (signal) => {
        await database.query(sql`
          update leases set holder = gen_random_uuid(), expires_at = clock_timestamp() + interval '1 minute'
          where name = 'stolen'`)
        await expect.poll(() => signal.aborted).toBe(true)
      },
      { ttlMs: 150 },
    )
    expect(taken).toBe(true)
    expect(await withLease(database, 'stolen', async () => {})).toBe(false)
  })

  test("[NODE-6] a dead holder's lease delays others for at most 10 s, and not at all on an embedded database", async () => {
    let leftMs = 0
    await withLease(database, 'left', async () => {
      const [row] = await database.query<{ ms: number }>(sql`
        select extract(epoch from expires_at - clock_timestamp())::float8 * 1000 as ms
        from leases where name = 'left'`)
      leftMs = row?.ms ?? 0
    })
    expect(leftMs).toBeGreaterThan(0)
    expect(leftMs).toBeLessThanOrEqual(10_000)
    await database.query(sql`
      insert into leases (name, holder, expires_at)
      values ('crashed', gen_random_uuid(), clock_timestamp() + interval '1 hour')`)
    expect(await withLease(database, 'crashed', async () => {})).toBe(false)
    await forgetLeases(database)
    expect(await withLease(database, 'crashed', async () => {})).toBe(true)
  })

  test('[NODE-6] a holder that gets no answer knows when its lease ended', async () => {
    const back = Promise.withResolvers<void>()
    let isAway = false
    const silent: Database = {
      ...database,
      async query(statement) {
        if (isAway) await back.promise
        return database.query(statement)
      },
    }
    await withLease(
      silent,
      'silent',
      async (lost, isHeld) => {
        expect(isHeld()).toBe(true)
        isAway = true
        await expect.poll(isHeld).toBe(false)
        await expect.poll(() => lost.aborted).toBe(true)
        expect(await withLease(database, 'silent', async () => {})).toBe(true)
        isAway = false
        back.resolve()
      },
      { ttlMs: 300 },
    )
  })
})
