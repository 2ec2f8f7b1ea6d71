import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { createRandom } from '@creatorflow/shared/simulator/random'
import { expect, onTestFinished, test } from 'vitest'
import { editions } from '../../../scripts/test/backends.ts'
import { type AppOptions, sentOf, startApp, type TestApp } from '../../test/harness.ts'
import { logOf } from '../../test/log-rows.ts'

/** An embedded database runs one transaction at a time: nobody can hold a lock next to a writer. */
const backend = editions().find(({ url }) => url !== undefined)
const likes = (count: number, prefix: string, more: object = {}) =>
  Array.from({ length: count }, (_, n) => ({ id: `${prefix}${n}`, type: 'like', ...more }))
const idsOf = async ({ database }: TestApp, creatorId: string) =>
  (await logOf(database, creatorId)).map(({ id }) => id)

async function start(options: AppOptions = {}): Promise<TestApp> {
  const app = await startApp({ ...(backend && { database: backend }), ...options })
  onTestFinished(() => app[Symbol.asyncDispose]())
  return app
}

/** Holds a creator's counter row until `release` is called. */
async function holdCreator(database: Database, creatorId: string) {
  const locked = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  const holding = database.transaction(async (tx) => {
    await tx.query(sql`select 1 from counters where creator_id = ${creatorId} for update`)
    locked.resolve()
    await done.promise
  })
  await locked.promise
  const release = async () => {
    done.resolve()
    await holding
  }
  onTestFinished(release)
  return { release }
}

/** Until so many events are known to wait for a lock. */
async function untilHeld(app: TestApp, events: number): Promise<void> {
  await expect
    .poll(async () => (await app.get('/metrics')).text, { timeout: 10_000 })
    .toContain(`held_events ${events}\n`)
}

test.skipIf(!backend)(
  '[P7][INGEST-8] while one creator is locked, others are written at once and its events keep their order',
  async () => {
    const app = await start()
    const held = await app.newCreator()
    // More than there are writers, so some share the writer of the locked one.
    const others = await Promise.all(Array.from({ length: 9 }, () => app.newCreator()))
    const { release } = await holdCreator(app.database, held.id)
    const answered: string[] = []
    const batches = ['a', 'b', 'a', 'c'].map((name) => likes(5, name, { creator_id: held.id }))
    const waiting = []
    for (const [n, batch] of batches.entries()) {
      waiting.push(app.post(batch).finally(() => answered.push(held.id)))
      await untilHeld(app, 5 * (n + 1))
    }
    for (const round of ['one', 'two']) {
      const replies = await Promise.all(others.map(({ key }) => app.post(likes(3, round), { key })))
      for (const { json } of replies) expect(json).toMatchObject({ accepted: 3 })
    }
    // Without a creator there is no lock.
    const unknown = await app.post({ id: 'x', type: 'like', creator_id: 'nobody' })
    expect(unknown.json.rejected).toMatchObject([{ code: 'creator_unknown' }])
    expect(answered).toEqual([])
    await release()
    const accounts = (await Promise.all(waiting)).map(({ json }) => json)
    expect(accounts.map(({ accepted, duplicates }) => [accepted, duplicates])).toEqual([
      [5, 0],
      [5, 0],
      [0, 5],
      [5, 0],
    ])
    expect(await idsOf(app, held.id)).toEqual(
      [...'abc'].flatMap((name) => likes(5, name).map(({ id }) => id)),
    )
  },
)

test.skipIf(!backend)(
  '[INGEST-8] a request with events of a locked creator and of others is answered once, as one',
  async () => {
    const app = await start()
    const [held, free] = [await app.newCreator(), await app.newCreator()]
    const { release } = await holdCreator(app.database, held.id)
    const mixed = likes(6, 'e').map((event, n) => ({
      ...event,
      creator_id: n % 2 ? held.id : free.id,
    }))
    const reply = app.post([...mixed, ...mixed.slice(0, 2)])
    await expect.poll(() => idsOf(app, free.id), { timeout: 10_000 }).toEqual(['e0', 'e2', 'e4'])
    await release()
    expect((await reply).json).toMatchObject({ accepted: 6, duplicates: 2, rejected: [] })
    expect(await idsOf(app, held.id)).toEqual(['e1', 'e3', 'e5'])
  },
)

test.skipIf(!backend)(
  '[INGEST-8] events that waited BUSY_CREATOR_WAIT_MS are 503 with Retry-After, not written, and can be sent again',
  async () => {
    const app = await start({ env: { BUSY_CREATOR_WAIT_MS: '300' } })
    const { id, key } = await app.newCreator()
    const { release } = await holdCreator(app.database, id)
    const reply = await app.post(likes(5, 'e'), { key })
    expect(reply).toMatchObject({ status: 503, json: { error: { code: 'unavailable' } } })
    expect(reply.headers['retry-after']).toBe('1')
    await untilHeld(app, 0)
    await release()
    expect((await app.post(likes(5, 'e'), { key })).json).toMatchObject({
      accepted: 5,
      duplicates: 0,
    })
  },
)

test.skipIf(!backend)(
  '[NODE-1][INGEST-8] a stopping server answers requests for a locked creator at once',
  async () => {
    const app = await startApp({ database: backend as NonNullable<typeof backend> })
    const { id, key } = await app.newCreator()
    const other = await app.newCreator()
    // Its own connection: the app ends its own database.
    const { release } = await holdCreator(app.database, id)
    const waiting = app.post(likes(5, 'e'), { key })
    await untilHeld(app, 5)
    expect((await app.post(likes(5, 'e'), { key: other.key })).json).toMatchObject({ accepted: 5 })
    const stopped = app[Symbol.asyncDispose]()
    expect(await waiting).toMatchObject({ status: 503, json: { error: { code: 'unavailable' } } })
    await release()
    await stopped
  },
)

test.skipIf(!backend)(
  '[P6][INGEST-7][INGEST-8] events waiting for a locked creator take no room from others',
  async () => {
    const app = await start({ env: { MAX_QUEUED_EVENTS: '100' } })
    const [held, free] = [await app.newCreator(), await app.newCreator()]
    const { release } = await holdCreator(app.database, held.id)
    const waiting = [app.post(likes(60, 'one'), { key: held.key })]
    await untilHeld(app, 60)
    waiting.push(app.post(likes(40, 'two'), { key: held.key }))
    await untilHeld(app, 100)
    expect(await app.post(likes(1, 'three'), { key: held.key })).toMatchObject({ status: 503 })
    expect((await app.post(likes(90, 'e'), { key: free.key })).json.accepted).toBe(90)
    await release()
    for (const { json } of await Promise.all(waiting)) expect(json.rejected).toEqual([])
    expect(await idsOf(app, held.id)).toHaveLength(100)
  },
)

test.skipIf(!backend)(
  '[P1][P2][INGEST-8] random locks, mixed requests and poison: nothing is lost, doubled or out of order',
  { timeout: 60_000 },
  async () => {
    const app = await start({
      env: { MAX_BATCH_EVENTS: '20' },
      wrap: (database) => ({
        ...database,
        transaction: (work) =>
          database.transaction((tx) =>
            work({
              query: (statement) => tx.query(statement),
              async copyIn(table, columns, rows) {
                const id = columns.indexOf('id')
                if (table === 'events' && rows.some((row) => String(row[id]).startsWith('poison')))
                  throw new Error('it does not compute')
                await tx.copyIn(table, columns, rows)
              },
            }),
          ),
      }),
    })
    const random = createRandom(28)
    const creators = await Promise.all(Array.from({ length: 6 }, () => app.newCreator()))
    const sent = new Map(creators.map(({ id }) => [id, [] as string[]]))
    let poison = 0
    const requests = Array.from({ length: 60 }, (_, request) =>
      Array.from({ length: random.between(1, 30) }, (_, n) => {
        const { id: creator_id } = random.pick(creators)
        const isPoison = random.chance(0.01)
        if (isPoison) poison++
        const id = `${isPoison ? 'poison' : 'e'}-${request}-${n}`
        if (!isPoison) sent.get(creator_id)?.push(id)
        return { id, type: 'like', creator_id }
      }),
    )
    let isSending = true
    const locking = (async () => {
      while (isSending) {
        const { release } = await holdCreator(app.database, random.pick(creators).id)
        await app.get('/healthz')
        await release()
      }
    })()
    // Two senders: each keeps the order of its own requests, and sends each one twice.
    const senders = [0, 1].map(async (mine) => {
      for (const [n, request] of requests.entries()) {
        if (n % 2 !== mine) continue
        const first = await app.post(request)
        const again = await app.post(request)
        for (const { json } of [first, again]) expect(sentOf(json)).toBe(request.length)
        expect(first.json.duplicates).toBe(0)
        expect(again.json.accepted).toBe(0)
      }
    })
    await Promise.all(senders)
    isSending = false
    await locking
    for (const [creatorId, ids] of sent) {
      const log = await logOf(app.database, creatorId)
      expect(log.map(({ seq }) => seq)).toEqual(ids.map((_, n) => n + 1))
      expect(log.map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
      for (const mine of [0, 1]) {
        const isMine = (id: string) => Number(id.split('-')[1]) % 2 === mine
        expect(log.map(({ id }) => id).filter(isMine)).toEqual(ids.filter(isMine))
      }
    }
    expect(poison).toBeGreaterThan(0)
  },
)
