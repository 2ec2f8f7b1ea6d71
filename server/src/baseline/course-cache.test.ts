import { openTestDatabase } from '@creatorflow/db/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { startApp, type TestApp, type TestCreator } from '../../test/harness.ts'
import { observedDatabase } from '../../test/observed-database.ts'
import { serverTenant } from '../core/rights/authorize.ts'
import { resettleCreator } from '../resettle/resettle.ts'
import type { LiveCourse } from './course.ts'
import { createCourseCache } from './course-cache.ts'
import { selectHead } from './queries.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const now = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - DAY_MS

const dollars = { amount: 500, currency: 'USD' }

/** LIVEs of a few minutes, a day apart, and one that starts after them. */
const events = ['a', 'b', 'c'].flatMap((session_id, index) => {
  const at = now - (3 - index) * DAY_MS
  return [
    { id: `${session_id}1`, type: 'live_started', session_id, ts: at },
    {
      id: `${session_id}2`,
      type: 'payment_completed',
      session_id,
      ts: at + MINUTE_MS,
      ...dollars,
    },
    { id: `${session_id}3`, type: 'live_ended', session_id, ts: at + 3 * MINUTE_MS },
  ]
})
const begun = { id: 'now', type: 'live_started', session_id: 'now', ts: now }

describe.each(databases())('courses of LIVEs that are over, on $name', (backend) => {
  async function place() {
    const opened = new AsyncDisposableStack()
    onTestFinished(() => opened.disposeAsync())
    const database = opened.use(await openTestDatabase(backend))
    let readings = 0
    const start = async () =>
      opened.use(
        await startApp({
          database,
          env: { ROLES: 'pipeline,gateway', MAX_REQUESTS_PER_S_PER_CREATOR: '0' },
          wrap: (of) =>
            observedDatabase(of, {
              before: (text) => {
                if (text.includes('counted_rows')) readings++
              },
            }),
        }),
      )
    const app = await start()
    const creator = await app.newCreator()
    expect((await app.post([...events, begun], creator)).json.accepted).toBe(10)
    /** The answer, and how many LIVEs were read for it; a node without a cache gives the same one. */
    const ask = async (of: TestApp = app): Promise<readonly [usual: Usual, read: number]> => {
      const before = readings
      const path = `/api/v1/creators/${creator.id}/lives/now/baseline`
      const { json } = await of.get(path, creator)
      return [json.usual, readings - before]
    }
    const fresh = async () => (await ask(await start()))[0]
    return { database, app, creator, ask, fresh }
  }

  test('[COMPARE-1] are read once, and again when events came for them', async () => {
    const { app, creator, ask, fresh } = await place()
    const [first, read] = await ask()
    expect(read).toBe(3)
    await send(app, creator, { id: 'more', type: 'like', session_id: 'now', ts: now + 1 })
    expect(await ask()).toEqual([first, 0])

    const late = { id: 'late', type: 'payment_completed', session_id: 'b', amount: 70 }
    await send(app, creator, { ...late, ts: now - 2 * DAY_MS + 2 * MINUTE_MS })
    const [second, again] = await ask()
    expect(again).toBe(1)
    expect(gmvOf(second, 'b')).toBe(570)
    expect(second).toEqual(await fresh())
    expect(await ask()).toEqual([second, 0])
  })

  test('[COMPARE-1] are read again after a re-attribution', async () => {
    const { database, creator, ask, fresh } = await place()
    const [first] = await ask()
    await resettleCreator(database, serverTenant(creator.id), { currency: 'EUR' })
    const [second, read] = await ask()
    expect(read).toBe(3)
    expect([gmvOf(first, 'b'), gmvOf(second, 'b')]).toEqual([500, 0])
    expect(second).toEqual(await fresh())
  })

  test('[COMPARE-1] a course stays outdated after new events even if another reader asked since', async () => {
    const { database, app, creator } = await place()
    const tenant = serverTenant(creator.id)
    const cache = createCourseCache()
    const of = { session_id: 'b', started_at: 1, ended_at: 2 }
    const live = { ...of, pauses: [], pauses_complete: true }
    const look = () =>
      database.readAs(tenant, async (read) => {
        const position = { ...(await selectHead(read, tenant)), keptSince: 0 }
        return { position, known: await cache.stillRight(read, tenant, [of], position) }
      })
    const early = await look()
    await send(app, creator, { id: 'late', type: 'like', session_id: 'b', ts: now })
    const late = await look()
    cache.remember(tenant, early.position, { live, course: courseOf(1) })
    expect((await look()).known.size).toBe(0)
    cache.remember(tenant, late.position, { live, course: courseOf(1) })
    await send(app, creator, { id: 'other', type: 'like', session_id: 'c', ts: now })
    expect((await look()).known.size).toBe(1)
    cache.remember(tenant, late.position, { live: { ...live, ended_at: 3 }, course: courseOf(1) })
    expect((await look()).known.size).toBe(0)
  })

  test('[COMPARE-1][P6] are cached up to a number of minutes, and never for a LIVE on air', async () => {
    const { database, creator } = await place()
    const tenant = serverTenant(creator.id)
    const cache = createCourseCache(10)
    const position = { generation: 1, seq: 5, keptSince: 0 }
    const lives = ['a', 'b', 'c', 'd'].map((session_id, at) => ({
      session_id,
      started_at: at,
      ended_at: session_id === 'd' ? null : at,
    }))
    for (const live of lives) {
      const read = { live: { ...live, pauses: [], pauses_complete: true }, course: courseOf(4) }
      cache.remember(tenant, position, read)
    }
    const known = await database.readAs(tenant, (read) =>
      cache.stillRight(read, tenant, lives, position),
    )
    expect([...known.keys()]).toEqual(['b', 'c'])
  })
})

interface Usual {
  readonly lives: readonly { session_id: string; totals: { gmv: number[] } }[]
}

const gmvOf = ({ lives }: Usual, id: string) =>
  lives.find(({ session_id }) => session_id === id)?.totals.gmv.at(-1)

const courseOf = (length: number): LiveCourse => ({ length, minutes: {}, totals: {}, settled: {} })

async function send(app: TestApp, creator: TestCreator, event: object): Promise<void> {
  const { json } = await app.post(event, creator)
  expect(json).toMatchObject({ accepted: 1 })
}
