import { setImmediate as turn } from 'node:timers/promises'
import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import { newRule } from '@creatorflow/shared/alerts/rule'
import { fold } from '@creatorflow/shared/fold'
import { emptyState, type LiveState } from '@creatorflow/shared/live-state'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scaled } from '../../../../../scripts/test/long-run.ts'
import { serverTenant } from '../../../core/rights/authorize.ts'
import type { Sight } from '../../../core/watch.ts'
import { insertCreator } from '../../../identity/creators/creators.ts'
import { insertRules } from '../rules/store.ts'
import { lowCtr } from '../test/place.ts'
import { createEngine, type Engine } from './engine.ts'

let database: Database
beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(() => database?.[Symbol.asyncDispose]())

const startAt = Date.UTC(2026, 4, 4, 18)

/** A LIVE with this CTR. */
function stateWith(clicks: number, now: number): LiveState {
  const base = { day: '2026-05-04', session_id: 'live', live_started_at: startAt, ts: now }
  return fold(emptyState(), [
    { ...base, seq: 1, id: 'a', type: 'live_started', opens_live: 1 },
    { ...base, seq: 2, id: 'b', type: 'viewer_joined', units: 100 },
    { ...base, seq: 3, id: 'c', type: 'product_click', units: clicks },
  ])
}

/** A node's way to the database: it takes its time, and its answer may be lost with the node after a commit. */
function slow(waits: () => number, isLost: () => boolean): Database {
  return {
    ...database,
    edition: database.edition,
    description: database.description,
    async query<R>(statement: Parameters<Database['query']>[0]): Promise<R[]> {
      for (let wait = waits(); wait > 0; wait--) await turn()
      const rows = await database.query<R>(statement)
      for (let wait = waits(); wait > 0; wait--) await turn()
      if (isLost()) throw new Error('the node died')
      return rows
    },
  } as Database
}

let creators = 0

/** What a second brings: clicks of 100 views, which engines look, in which order, and which of them dies. */
const second = fc.record({
  clicks: fc.constantFrom(1, 1, 7, 50),
  lookers: fc.shuffledSubarray([0, 1, 2], { minLength: 1 }),
  dies: fc.constantFrom<number | null>(null, null, 0, 1, 2),
  waits: fc.array(fc.nat(4), { minLength: 6, maxLength: 6 }),
})

let total = 0

test('[ALERT-2] engines that race, die in the middle and start over tell each episode once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(second, { minLength: 4, maxLength: 14 }), async (seconds) => {
      const id = `race-${++creators}`
      const tenant = serverTenant(id)
      const creator = { id, name: id, time_zone: 'UTC', currency: 'USD', locale: 'en' }
      await database.transaction((tx) => insertCreator(tx, { ...creator, kind: 'real' }))
      const body = newRule.parse({ ...lowCtr, for_seconds: 1 })
      await insertRules(database, tenant, 1, [{ body, origin: null }])

      let now = startAt
      let waits: readonly number[] = []
      let asked = 0
      let dying: number | null = null
      const newEngine = (node: number): Engine =>
        createEngine(tenant, {
          database: slow(
            () => waits[asked++ % waits.length] ?? 0,
            () => dying === node,
          ),
          known: () => ({
            usualOf: () => null,
            paceOf: () => null,
            goalOf: () => null,
            recordsOf: () => undefined,
            topGifterOf: () => null,
            trafficOf: () => undefined,
            sources: [],
          }),
          now: () => now,
          maxSubjects: 100,
          told: () => {},
        })
      const engines = [0, 1, 2].map(newEngine)
      const look = async (node: number, clicks: number) => {
        const state = stateWith(clicks, now)
        const sight = {
          tenant,
          creator,
          state,
          newestEventAt: now,
          changes: null,
        } as unknown as Sight
        await engines[node]?.look(sight, 1)
      }
      for (const { clicks, lookers, dies, waits: now_waits } of seconds) {
        now += 1_000
        waits = now_waits
        dying = dies
        await Promise.all(
          lookers.map((node) =>
            look(node, clicks).catch(() => {
              // A new process in its place knows what is stored, and nothing else.
              engines[node] = newEngine(node)
            }),
          ),
        )
      }
      // All is well at the end, with the engine of whoever takes over: it begins with what is stored.
      dying = null
      engines[0] = newEngine(0)
      for (let more = 0; more < 4; more++) {
        now += 1_000
        await look(0, 50)
      }
      const episodes = await database.query<{ id: string; fired: Date; ended: Date | null }>(sql`
        select id, fired_at as fired, ended_at as ended from alert_episodes
        where creator_id = ${id} order by number`)
      const told = await database.query<{ id: string; at: Date }>(sql`
        select id, at from alert_outbox where creator_id = ${id} order by at, transition`)
      expect(told.map(({ id: one }) => one)).toEqual(
        episodes.flatMap(({ id: one }) => [`${one}.fired`, `${one}.recovered`]),
      )
      let last = 0
      for (const { fired, ended } of episodes) {
        expect(fired.getTime()).toBeGreaterThan(last)
        last = ended?.getTime() ?? Number.NaN
        expect(last).toBeGreaterThan(fired.getTime())
      }
      total += episodes.length
    }),
    { numRuns: scaled(40, 1_000) },
  )
  expect(total).toBeGreaterThan(20)
}, 600_000)
