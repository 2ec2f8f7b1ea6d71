import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { IncomingEvent } from '@creatorflow/shared/events'
import { createRandom, type Random } from '@creatorflow/shared/simulator/random'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { scaled } from '../../../scripts/test/long-run.ts'
import { logOf, rowOf } from '../../test/log-rows.ts'
import { observedDatabase } from '../../test/observed-database.ts'
import { openTestPipeline, type TestPipeline } from '../../test/test-pipeline.ts'
import { silentLog } from '../core/log.ts'
import { serverTenant } from '../core/rights/authorize.ts'
import { resettleNoted } from '../jobs/resettle.ts'
import { acceptedEvent } from '../pipeline/accept.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import { stintSizeOf } from './portions.ts'
import { readCounter } from './read-log.ts'
import { recountPins } from './recount-pins.ts'
import { resettleCreator } from './resettle.ts'

const START = Date.UTC(2026, 9, 20, 12)
const MINUTE_MS = 60_000

describe.each(databases())('late pins on $name', (backend) => {
  let ground: TestPipeline
  let database: Database
  let pipeline: Pipeline
  let creators = 0

  beforeAll(async () => {
    ground = await openTestPipeline(backend)
    ;({ database, pipeline } = ground)
  })
  afterAll(() => ground?.[Symbol.asyncDispose]())

  async function newCreator(): Promise<string> {
    const id = `pins-${++creators}`
    await ground.newCreator(id)
    return id
  }

  async function send(creatorId: string, ...events: IncomingEvent[]): Promise<void> {
    const batch = events.map((event) => acceptedEvent(creatorId, event, event, START))
    const outcomes = await pipeline.submit(batch, 'live')
    expect(outcomes.filter(({ kind }) => kind !== 'accepted')).toEqual([])
  }

  async function noteOf(creatorId: string) {
    const [note] = await database.query<{ pins_of: string[] | null }>(
      sql`select pins_of from resettle where creator_id = ${creatorId}`,
    )
    return note
  }

  /** One run of the job; returns how often it read a page of a whole log. */
  async function round(between: () => Promise<void> = async () => {}): Promise<number> {
    let pages = 0
    const watched: Database = {
      ...database,
      async transaction(work) {
        const result = await database.transaction(work)
        await between()
        return result
      },
    }
    const observed = observedDatabase(watched, {
      before(text) {
        if (/order by ts/.test(text)) pages++
      },
    })
    await resettleNoted({
      database: observed,
      bus: ground.bus,
      config: { resettleDelayMs: 0 },
      log: silentLog(),
    })
    return pages
  }

  async function expectSettled(creatorId: string): Promise<void> {
    expect(await noteOf(creatorId)).toBeUndefined()
    const done = await resettleCreator(database, serverTenant(creatorId))
    expect(done).toEqual({ rewritten: 0, raised: false })
  }

  const mug = { product_id: 'mug' }

  test('[RECOUNT-2] a late pin reads only its own LIVE', async () => {
    const creatorId = await newCreator()
    for (const live of ['a', 'b']) {
      await send(
        creatorId,
        of(`start-${live}`, 0, 'live_started', live),
        of(`x-${live}`, 5, 'product_click', live, mug),
        of(`given-${live}`, 6, 'product_click', live, { ...mug, pin_id: 'other' }),
        of(`later-${live}`, 9, 'comment', live),
      )
    }
    await send(creatorId, of('pin', 1, 'product_pinned', 'a', mug))
    expect(await noteOf(creatorId)).toEqual({ pins_of: ['a'] })
    expect(await round()).toBe(0)
    expect(await rowOf(database, creatorId, 'x-a')).toMatchObject({ pin_id: 'pin' })
    expect(await rowOf(database, creatorId, 'given-a')).toMatchObject({ pin_id: 'other' })
    expect(await rowOf(database, creatorId, 'x-b')).toMatchObject({ pin_id: null })
    await expectSettled(creatorId)
  })

  test('[RECOUNT-2] late pins already settled ask for nothing more', async () => {
    const creatorId = await newCreator()
    await send(
      creatorId,
      of('start', 0, 'live_started', 'a'),
      of('x', 5, 'product_click', 'a', mug),
    )
    await send(creatorId, of('pin', 1, 'product_pinned', 'a', mug))
    const tenant = serverTenant(creatorId)
    const pinsOf = (await noteOf(creatorId))?.pins_of ?? []
    const start = await readCounter(database, tenant)
    if (!start) throw new Error('there is no such creator')
    await database.query(sql`delete from resettle where creator_id = ${creatorId}`)
    const size = stintSizeOf(database)
    expect(await recountPins(database, tenant, { start, pinsOf }, size)).toMatchObject({
      rewritten: 1,
    })
    await expectSettled(creatorId)
  })

  test('[RECOUNT-2] any other late event, even meanwhile, recounts the whole log', async () => {
    const [before, during] = [await newCreator(), await newCreator()]
    const late = of('start', -5, 'live_started', 'a')
    for (const creatorId of [before, during]) {
      await send(creatorId, of('x', -3, 'product_click', undefined, mug))
      await send(
        creatorId,
        of('y', 5, 'product_click', 'a', mug),
        of('last', 9, 'comment', 'a'),
        of('pin', 1, 'product_pinned', 'a', mug),
      )
      await send(creatorId, of('unpin', 2, 'product_unpinned', 'a', mug))
    }
    expect(await noteOf(during)).toEqual({ pins_of: ['a'] })
    await send(before, late)
    expect(await noteOf(before)).toEqual({ pins_of: null })
    let isSent = false
    await round(async () => {
      if (!isSent) {
        isSent = true
        await send(during, late)
      }
    })
    await expect.poll(() => round()).toBe(0)
    for (const creatorId of [before, during]) {
      expect(await rowOf(database, creatorId, 'x')).toMatchObject({ session_id: 'a' })
      await expectSettled(creatorId)
    }
  })

  const seeds = scaled(5, 60)
  test(`[RECOUNT-2][P4] after random late pins, ${seeds} times, a full recount finds nothing to change`, {
    timeout: 300_000,
  }, async () => {
    let rewritten = 0
    for (let seed = 1; seed <= seeds; seed++) {
      const random = createRandom(`late pins/${seed}`)
      const creatorId = await newCreator()
      await send(creatorId, ...['a', 'b'].map((live) => of(live, 0, 'live_started', live)))
      await send(creatorId, ...Array.from({ length: 60 }, (_, n) => sale(random, n)))
      await send(creatorId, of('last-a', 60, 'comment', 'a'), of('last-b', 60, 'comment', 'b'))
      const before = await logOf(database, creatorId)
      const pins = Array.from({ length: random.between(1, 6) }, (_, n) => pin(random, n))
      await send(creatorId, ...pins)
      expect((await noteOf(creatorId))?.pins_of, `seed ${seed}`).not.toBeNull()
      expect(await round(), `seed ${seed}`).toBe(0)
      const after = await logOf(database, creatorId)
      rewritten += before.filter((row, n) => row.pin_id !== after[n]?.pin_id).length
      await expectSettled(creatorId)
    }
    expect(rewritten).toBeGreaterThan(seeds)
  })
})

const of = (id: string, minute: number, type: string, live: string | undefined, more = {}) =>
  ({
    id,
    ts: START + minute * MINUTE_MS,
    type,
    ...(live !== undefined && { session_id: live }),
    ...more,
  }) as IncomingEvent

const pin = (random: Random, n: number) =>
  of(
    `pin-${n}`,
    random.between(0, 50),
    random.pick(['product_pinned', 'product_pinned', 'product_unpinned']),
    random.pick(['a', 'b']),
    { product_id: random.pick(['mug', 'tea']) },
  )

function sale(random: Random, n: number) {
  const type = random.pick(['product_click', 'add_to_cart', 'payment_completed', 'comment'])
  return of(`e-${n}`, random.between(0, 50), type, random.pick(['a', 'b']), {
    product_id: random.pick(['mug', 'tea']),
    ...(type === 'payment_completed' && { amount: 100, order_id: `o-${n}` }),
    ...(random.chance(0.2) && { pin_id: 'given' }),
  })
}
