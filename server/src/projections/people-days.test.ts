import type { Database, TenantRead } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { openTestDatabase } from '@creatorflow/db/testing'
import type { IncomingEvent } from '@creatorflow/shared/events'
import { shuffle } from '@creatorflow/shared/simulator/disorder'
import { createRandom } from '@creatorflow/shared/simulator/random'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { createInProcessBus } from '../bus/in-process.ts'
import { loadConfig } from '../config.ts'
import { silentLog } from '../core/log.ts'
import { serverTenant } from '../core/rights/authorize.ts'
import { createTelemetry } from '../core/telemetry.ts'
import { insertCreator } from '../identity/creators/creators.ts'
import { acceptedEvent } from '../pipeline/accept.ts'
import { createPipeline, type Pipeline } from '../pipeline/pipeline.ts'
import { countBeside, countOnDays, type LocalDays } from '../query/people.ts'
import { rewriteClaims } from '../resettle/put-claims.ts'
import type { ClaimKey } from './claims.ts'

async function onDays(read: TenantRead, tenant: Tenant, type: string, days: LocalDays) {
  return (await countOnDays(read, tenant, type, [{ n: 0, ...days }])).get(0) ?? 0
}

const DAY_MS = 86_400_000
const DAYS = 12
const log = silentLog()

describe.each(databases())('people by day on $name', (backend) => {
  let database: Database
  let pipeline: Pipeline
  const telemetry = createTelemetry()
  const bus = createInProcessBus({ log, telemetry })
  const begin = Date.UTC(2026, 2, 1, 12)
  beforeAll(async () => {
    database = await openTestDatabase(backend)
    pipeline = createPipeline({ database, bus, config: loadConfig({}), log, telemetry })
  })
  afterAll(async () => {
    await pipeline?.[Symbol.asyncDispose]()
    await database?.[Symbol.asyncDispose]()
  })

  const dayAt = (index: number) => new Date(begin + index * DAY_MS).toISOString().slice(0, 10)
  // Names that JSON escapes, and one that is a prefix of another.
  const names = ['ann', 'an', 'b"o"b', 'a","b', 'ü\\n', '2026-03-01', 'z']

  function visits(seed: number): IncomingEvent[] {
    const random = createRandom(`people by day ${seed}`)
    const events = Array.from({ length: 90 }, (_, n): IncomingEvent => {
      const ts = begin + random.between(0, DAYS - 1) * DAY_MS + n
      const person = random.pick(names)
      return random.chance(0.7)
        ? { id: `v${n}`, type: 'viewer_joined', ts, user_id: person }
        : { id: `p${n}`, type: 'payment_completed', ts, customer_id: person, amount: 5 }
    })
    return shuffle(seed, events)
  }

  async function written(seed: number, batch: number) {
    const id = `days-${seed}-${batch}`
    const creator = { id, name: id, time_zone: 'UTC', currency: 'USD', locale: 'en' }
    await database.transaction((tx) => insertCreator(tx, { ...creator, kind: 'real' }))
    const events = visits(seed)
    for (let at = 0; at < events.length; at += batch) {
      const accepted = events
        .slice(at, at + batch)
        .map((event) => acceptedEvent(id, event, event, Date.now()))
      await pipeline.submit(accepted, 'live')
    }
    return { id, events }
  }

  async function expectExact(id: string, events: readonly IncomingEvent[]): Promise<void> {
    await database.readAs(serverTenant(id), async (read) => {
      for (let first = 0; first < DAYS; first++) {
        for (let last = first; last < DAYS; last++) {
          const range = { first: dayAt(first), last: dayAt(last) }
          const on = ({ ts = 0 }) =>
            ts >= begin - DAY_MS / 2 + first * DAY_MS && ts < begin + (last + 0.5) * DAY_MS
          const within = events.filter(on)
          const viewers = new Set(within.flatMap(({ user_id }) => user_id ?? []))
          const buyers = new Set(within.flatMap(({ customer_id }) => customer_id ?? []))
          const counted = [
            await onDays(read, serverTenant(id), 'viewer_joined', range),
            await onDays(read, serverTenant(id), 'payment_completed', range),
          ]
          expect(counted, JSON.stringify(range)).toEqual([viewers.size, buyers.size])
        }
      }
    })
  }

  test.each([
    [1, 1],
    [2, 7],
    [3, 90],
  ])('[PAST-2] seed %i in batches of %i: every range of days is exact', async (seed, batch) => {
    const { id, events } = await written(seed, batch)
    await expectExact(id, events)
    // The days beside are read from the log: people seen on the whole days count once.
    const distinct = (first: number, last: number) =>
      new Set(
        events
          .filter(({ ts = 0 }) => ts >= begin + first * DAY_MS && ts < begin + (last + 1) * DAY_MS)
          .flatMap(({ user_id }) => user_id ?? []),
      ).size
    const tenant = serverTenant(id)
    const range = { first: dayAt(4), last: dayAt(5) }
    const spans = [
      [begin + DAY_MS, begin + 4 * DAY_MS],
      [begin + 6 * DAY_MS, begin + 8 * DAY_MS],
    ] as const
    const found = await database.readAs(tenant, async (read) => [
      await onDays(read, tenant, 'viewer_joined', range),
      await countBeside(read, tenant, 'viewer_joined', spans, range),
    ])
    expect((found[0] ?? 0) + (found[1] ?? 0)).toBe(distinct(1, 7))
    const counted = () =>
      database.query(sql`
        select kind, day, seen_before, people from people_days
        where creator_id = ${id} and people > 0 order by kind, day, seen_before`)
    const before = await counted()
    const keys = await database.query<ClaimKey>(
      sql`select creator_id, kind, key from claims where creator_id = ${id}`,
    )
    for (const some of [keys, keys.slice(3, 9)]) {
      await database.transaction((tx) => rewriteClaims(tx, id, some, async () => {}))
    }
    expect(await counted()).toEqual(before)
  })
})
