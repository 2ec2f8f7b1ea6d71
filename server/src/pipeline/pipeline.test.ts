import type { Database, Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { editions, hidesServices } from '../../../scripts/test/backends.ts'
import { type AppOptions, sentOf, startApp } from '../../test/harness.ts'
import { logOf } from '../../test/log-rows.ts'

const like = (id: string, more: object = {}) => ({ id, type: 'like', ...more })
const likes = (count: number, prefix = 'e') =>
  Array.from({ length: count }, (_, n) => like(`${prefix}${n}`))

/** A database that fails, or waits, when certain events are written. */
function withFault(onWrite: (ids: readonly unknown[]) => Promise<void> | void) {
  return (database: Database): Database => ({
    ...database,
    transaction: (work) =>
      database.transaction((tx) =>
        work({
          query: (statement) => tx.query(statement),
          async copyIn(...call: Parameters<Transaction['copyIn']>) {
            const [table, columns, rows] = call
            if (table === 'events') await onWrite(rows.map((row) => row[columns.indexOf('id')]))
            await tx.copyIn(...call)
          },
        }),
      ),
  })
}

async function start(options: AppOptions) {
  const app = await startApp(options)
  onTestFinished(() => app[Symbol.asyncDispose]())
  return app
}

const failure = (message: string, code?: string) => Object.assign(new Error(message), { code })

describe.skipIf(hidesServices()).each(editions())('on $name', (database) => {
  test('[P7][INGEST-9] a poison event is set aside with its reason, the others are stored', async () => {
    const app = await start({
      database,
      wrap: withFault((ids) => {
        if (ids.some((id) => String(id).startsWith('poison')))
          throw new Error('it does not compute')
      }),
    })
    const [one, two] = [await app.newCreator(), await app.newCreator()]
    const poisoned = [...likes(40), like('poison-1'), ...likes(40, 'f'), like('poison-2')]
    // At the same time, so they share batches: a neighbor's poison must not affect a request.
    const [sick, well] = await Promise.all([
      app.post(poisoned, { key: one.key }),
      app.post(likes(50), { key: two.key }),
    ])
    expect(well.json).toMatchObject({ accepted: 50, rejected: [] })
    expect(sick.json).toMatchObject({
      accepted: 80,
      rejected: [
        { index: 40, code: 'internal', message: expect.stringContaining('dead letter') },
        { index: 81, code: 'internal' },
      ],
    })
    expect(sentOf(sick.json)).toBe(poisoned.length)
    expect((await logOf(app.database, one.id)).map((row) => row.seq)).toEqual(
      Array.from({ length: 80 }, (_, n) => n + 1),
    )
    const letters = await app.database.query(
      sql`select creator_id, reason, event->>'id' as id from dead_letters order by id`,
    )
    expect(letters).toEqual(
      ['poison-1', 'poison-2'].map((id) => ({
        creator_id: one.id,
        reason: 'it does not compute',
        id,
      })),
    )
  })
})

test.skipIf(hidesServices())(
  '[INGEST-7] a database fault sets no event aside: 503, and sending again works',
  async () => {
    let fault: Error | undefined
    const app = await start({
      wrap: withFault(() => {
        if (fault) throw fault
      }),
    })
    const { key, id } = await app.newCreator()
    const codes = ['57014', '25006', '55P03', '58030', '57P01', 'ECONNRESET']
    for (const code of codes) {
      fault = failure('not now', code)
      const reply = await app.post(likes(20), { key })
      expect([code, reply.status]).toEqual([code, 503])
      expect(reply.headers['retry-after']).toBe('1')
      expect(reply.json.accepted).toBeUndefined()
    }
    fault = undefined
    expect((await app.post(likes(20), { key })).json).toMatchObject({ accepted: 20, duplicates: 0 })
    expect(await logOf(app.database, id)).toHaveLength(20)
    expect(await app.database.query(sql`select from dead_letters`)).toEqual([])
  },
)

test.skipIf(hidesServices())(
  '[INGEST-7] a full disk under the database is 507 with Retry-After, and sets nothing aside',
  async () => {
    let fault: Error | undefined
    const app = await start({
      wrap: withFault(() => {
        if (fault) throw fault
      }),
    })
    const { key } = await app.newCreator()
    const reason = 'could not extend file "base/1/2": No space left on device'
    for (const code of ['53100', '58030', 'XX000']) {
      fault = failure(reason, code)
      const reply = await app.post(likes(20), { key })
      expect([code, reply.status]).toEqual([code, 507])
      expect(reply.headers['retry-after']).toBe('5')
      expect(reply.json.error.message).toBe('The database’s disk is full; nothing was stored.')
    }
    fault = undefined
    expect((await app.post(likes(20), { key })).json).toMatchObject({ accepted: 20 })
    expect(await app.database.query(sql`select from dead_letters`)).toEqual([])
  },
)

test.skipIf(hidesServices())(
  '[INGEST-7] a deadlock, serialization failure or ended transaction is retried without the caller noticing',
  async () => {
    const faults = ['40P01', '40001', '25P03'].map((code) => failure('again', code))
    const app = await start({
      wrap: withFault(() => {
        const fault = faults.pop()
        if (fault) throw fault
      }),
    })
    const { key } = await app.newCreator()
    expect((await app.post(likes(5), { key })).json).toMatchObject({ accepted: 5 })
    expect(faults).toEqual([])
  },
)

test.skipIf(hidesServices())(
  '[P6][INGEST-7] past MAX_QUEUED_EVENTS a request is 503 with Retry-After, and nothing of it is kept',
  async () => {
    const held = Promise.withResolvers<void>()
    const app = await start({
      env: { MAX_QUEUED_EVENTS: '100' },
      wrap: withFault(() => held.promise),
    })
    const { key, id } = await app.newCreator()
    const first = app.post(likes(80, 'first'), { key })
    await expect
      .poll(async () => (await app.get('/metrics')).text, { timeout: 10_000 })
      .toMatch(/queued_events 80/)
    const refused = await app.post(likes(21, 'second'), { key })
    expect(refused).toMatchObject({ status: 503, json: { error: { code: 'unavailable' } } })
    expect(refused.headers['retry-after']).toBe('1')
    const fits = app.post(likes(20, 'third'), { key })
    held.resolve()
    expect((await first).json.accepted).toBe(80)
    expect((await fits).json.accepted).toBe(20)
    expect(await logOf(app.database, id)).toHaveLength(100)
    expect((await app.post(likes(21, 'second'), { key })).json.accepted).toBe(21)
    // Alone, a request larger than the queue is taken: refusing it would be forever.
    expect((await app.post(likes(150, 'large'), { key })).json.accepted).toBe(150)
  },
)

test.skipIf(hidesServices())('[INGEST-6] history yields to live traffic', async () => {
  const app = await start({ env: { MAX_BATCH_EVENTS: '50' } })
  const { key } = await app.newCreator()
  const done: string[] = []
  const old = likes(3_000, 'old').map((event) => ({ ...event, ts: Date.now() }))
  const history = app.post(old, { key, query: '?lane=history' }).then(() => done.push('history'))
  await expect
    .poll(async () => (await app.get('/metrics')).text, { timeout: 10_000 })
    .toMatch(/queued_events [1-9]/)
  for (let n = 0; n < 5; n++) await app.post(like(`now${n}`), { key }).then(() => done.push('live'))
  await history
  expect(done.slice(0, 5)).toEqual(Array(5).fill('live'))
})

test('[P2][INGEST-9] two servers on one database share a creator without hole, duplicate or deadlock', async () => {
  const backend = editions().find(({ url }) => url !== undefined) ?? { name: 'embedded' }
  await using database = await openTestDatabase(backend)
  const nodes = [await start({ database }), await start({ database })]
  const creators = [await nodes[0]?.newCreator(), await nodes[0]?.newCreator()]
  const events = creators.flatMap((creator) =>
    likes(200).map((event) => ({ ...event, creator_id: creator?.id })),
  )
  const senders = [...nodes, ...nodes].map(async (node, n) => {
    let accepted = 0
    const mine = n % 2 ? events : events.toReversed()
    for (let from = 0; from < mine.length; from += 25) {
      const { json } = await node.post(mine.slice(from, from + 25))
      expect(sentOf(json)).toBe(25)
      accepted += json.accepted
    }
    return accepted
  })
  const accepted = await Promise.all(senders)
  expect(accepted.reduce((sum, n) => sum + n, 0)).toBe(events.length)
  for (const creator of creators) {
    const log = await logOf(database, creator?.id ?? '')
    expect(log.map((row) => row.seq)).toEqual(Array.from({ length: 200 }, (_, n) => n + 1))
  }
})
