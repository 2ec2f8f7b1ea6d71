import type { Database } from '@creatorflow/db/database'
import type { Sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { logOf } from '../../test/log-rows.ts'
import { insertCreator } from '../identity/creators/creators.ts'
import { acceptedEvent } from './accept.ts'
import { skewOf, timeOf } from './arrival.ts'
import { writeBatch } from './write.ts'

test('[EVENT-3] a clock difference is only what the round trip cannot explain', () => {
  expect(skewOf(1_000, 990, 1_010)).toBe(0)
  expect(skewOf(990, 990, 1_010)).toBe(0)
  expect(skewOf(5_000, 990, 1_010)).toBe(3_990)
  expect(skewOf(500, 990, 1_010)).toBe(-490)
})

test("[EVENT-3] an event's own time stays, whatever the clocks say", () => {
  const event = { id: 'a', type: 'share' } as const
  expect(timeOf({ incoming: { ...event, ts: 7 }, received_at: 100 }, 50)).toBe(7)
  expect(timeOf({ incoming: event, received_at: 100 }, 50)).toBe(150)
})

/** A database whose clock is ahead. */
function ahead(database: Database, ms: number): Database {
  return {
    ...database,
    transaction: (work) =>
      database.transaction((tx) =>
        work({
          ...tx,
          query: async <R>(statement: Sql): Promise<R[]> => {
            const rows = await tx.query<R & { now?: unknown }>(statement)
            return rows.map((row) =>
              row.now instanceof Date ? { ...row, now: new Date(row.now.getTime() + ms) } : row,
            )
          },
        }),
      ),
  }
}

describe.each(databases())('an event without a time on $name', (backend) => {
  const HELD_MS = 30_000
  let database: Database

  beforeAll(async () => {
    database = await openTestDatabase(backend)
  })
  afterAll(() => database?.[Symbol.asyncDispose]())

  /** Writes events that arrived half a minute ago, and returns how much their times differ from that. */
  async function offBy(id: string, on: Database): Promise<(number | string | null)[][]> {
    const creator = { id, name: id, time_zone: 'UTC', currency: 'USD', locale: 'en' } as const
    await database.transaction((tx) => insertCreator(tx, { ...creator, kind: 'real' }))
    const receivedAt = Date.now() - HELD_MS
    const batch = [
      { id: 'on', type: 'live_started' as const, session_id: 'a', ts: receivedAt - 60_000 },
      // The LIVE ended between its arrival and its writing.
      { id: 'off', type: 'live_ended' as const, session_id: 'a', ts: receivedAt + 1_000 },
      { id: 'held', type: 'share' as const },
    ].map((event) => acceptedEvent(id, event, event, receivedAt))
    await writeBatch(on, batch.slice(0, 2))
    await writeBatch(on, batch.slice(2))
    const rows = (await logOf(database, id)).filter((row) => row.id === 'held')
    return rows.map((row) => [row.ts - receivedAt, row.session_id])
  }

  test('[EVENT-3] an event without a time gets its arrival time and the LIVE of that moment, however late it is written', async () => {
    const [[offset, live] = []] = await offBy('held', database)
    expect(Math.abs(Number(offset))).toBeLessThan(HELD_MS / 2)
    expect(live).toBe('a')
  })

  test("[EVENT-3] the arrival time is by the database clock, even if the node's clock differs", async () => {
    const [[offset] = []] = await offBy('skewed', ahead(database, 3_600_000))
    expect(Math.abs(Number(offset) - 3_600_000)).toBeLessThan(HELD_MS / 2)
  })
})
