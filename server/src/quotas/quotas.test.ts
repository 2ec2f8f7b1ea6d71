import { openTestDatabase } from '@creatorflow/db/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { startApp, type TestApp } from '../../test/harness.ts'
import { codeOf, connect } from '../../test/live-client.ts'
import { silentLog } from '../core/log.ts'
import { createQuotas } from './quotas.ts'
import { createUsageCounts } from './usage-counts.ts'

const limits = {
  maxEventsPerSPerCreator: 10,
  maxRequestsPerSPerCreator: 2,
  maxSocketsPerCreator: 2,
}
let ids = 0
const likes = (count: number) =>
  Array.from({ length: count }, () => ({ id: `quota ${++ids}`, type: 'like' }))
const lines = (count: number) =>
  likes(count)
    .map((event) => JSON.stringify(event))
    .join('\n')

describe.each(databases())('quotas on $name', (backend) => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp({
      database: backend,
      env: {
        MAX_EVENTS_PER_S_PER_CREATOR: String(limits.maxEventsPerSPerCreator),
        MAX_REQUESTS_PER_S_PER_CREATOR: String(limits.maxRequestsPerSPerCreator),
        MAX_SOCKETS_PER_CREATOR: String(limits.maxSocketsPerCreator),
      },
    })
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  test('[P6][INGEST-10] one large request passes, the next is told when to retry, other creators continue', async () => {
    const [busy, calm] = [await app.newCreator(), await app.newCreator()]
    expect((await app.post(likes(900), { key: busy.key })).json).toMatchObject({ accepted: 900 })
    const refused = await app.post(likes(1), { key: busy.key })
    expect(refused).toMatchObject({ status: 429, json: { error: { code: 'too_many' } } })
    const after = Number(refused.headers['retry-after'])
    expect(after).toBeGreaterThanOrEqual(1)
    expect(after).toBeLessThanOrEqual(10)
    expect((await app.post(likes(5), { key: calm.key })).json).toMatchObject({ accepted: 5 })
    // Of a request for both, nothing is stored either.
    const both = [busy.id, calm.id].flatMap((creator_id) =>
      likes(2).map((event) => ({ ...event, creator_id })),
    )
    expect(await app.post(both)).toMatchObject({ status: 429 })
    expect((await app.post(both.slice(2))).json).toMatchObject({ accepted: 2, duplicates: 0 })
  })

  test('[P6][INGEST-10] within a started request, later events wait', async () => {
    const { key } = await app.newCreator()
    const began = performance.now()
    const reply = await app.post(lines(1_500), { key, type: 'application/x-ndjson' })
    expect(reply.json).toMatchObject({ accepted: 1_500, rejected: [] })
    // The first thousand filled the window of 10 s.
    expect(performance.now() - began).toBeGreaterThan(8_000)
  })

  test('[P6][INGEST-10] requests and sockets past their limit get 429 with Retry-After', async () => {
    const [busy, calm] = [await app.newCreator(), await app.newCreator()]
    const ask = ({ id, key }: typeof busy) => app.get(`/api/v1/creators/${id}/lives`, { key })
    for (let n = 0; n < 20; n++) expect((await ask(busy)).status).toBe(200)
    const refused = await ask(busy)
    expect(refused.status).toBe(429)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1)
    expect((await ask(calm)).status).toBe(200)

    const sockets = await Promise.all([1, 2, 3].map(() => connect(app, busy.key)))
    const codes: string[] = []
    for (const socket of sockets) codes.push(codeOf(await socket.watch({ creator_id: busy.id })))
    expect(codes).toEqual(['ok', 'ok', 'too_many'])
    // Watching again, as after a hole, is not another socket.
    expect(codeOf((await sockets[0]?.watch({ creator_id: busy.id })) as never)).toBe('ok')
    for (const socket of sockets) await socket[Symbol.asyncDispose]()
  })
})

describe.each(databases())('usage on $name', (backend) => {
  test('[INGEST-10] is reported by minute and day, over all nodes, only for its creator', async () => {
    await using app = await startApp({ database: backend })
    const { id, key } = await app.newCreator()
    const { id: other, key: otherKey } = await app.newCreator()
    const node = () => createUsageCounts({ database: app.database, log: silentLog() })
    for (const events of [30, 12]) {
      await using counts = node()
      const quotas = createQuotas(limits, counts)
      await quotas.spendEvents(id, events)
      await quotas.spendEvents(other, 7)
      quotas.spendSocket(id, 0)
      quotas.spendSocket(id, 1)
      expect(() => quotas.spendSocket(id, 2)).toThrow('2 screens')
      await counts.flush()
      await quotas.spendEvents(id, 1)
    }
    const { json } = await app.get(`/api/v1/creators/${id}/usage`, { key })
    const used = { events: 44, sockets: 4, sockets_refused: 2, events_held: 0 }
    expect(json).toMatchObject({
      limits: { events_per_s: 10_000, requests_per_s: 100, sockets: 3_000 },
      nodes: 2,
      day: used,
    })
    const sum = (what: string) =>
      json.minutes.reduce(
        (all: number, minute: Record<string, number>) => all + Number(minute[what]),
        0,
      )
    expect(sum('events')).toBe(44)
    const others = await app.get(`/api/v1/creators/${other}/usage`, { key: otherKey })
    expect(others.json.day.events).toBe(14)
  })

  test('[INGEST-10] usage that could not be written is written later; 0 means no limit', async () => {
    await using database = await openTestDatabase(backend)
    await using app = await startApp({
      database,
      env: {
        MAX_EVENTS_PER_S_PER_CREATOR: '0',
        MAX_REQUESTS_PER_S_PER_CREATOR: '0',
        MAX_SOCKETS_PER_CREATOR: '0',
      },
    })
    const { id, key } = await app.newCreator()
    let isDown = true
    const flaky = {
      ...database,
      query: ((statement) =>
        isDown
          ? Promise.reject(new Error('away'))
          : database.query(statement)) as typeof database.query,
    }
    await using counts = createUsageCounts({ database: flaky, log: silentLog() })
    const quotas = createQuotas(
      { maxEventsPerSPerCreator: 0, maxRequestsPerSPerCreator: 0, maxSocketsPerCreator: 0 },
      counts,
    )
    await quotas.spendEvents(id, 1_000_000)
    expect(await quotas.eventsWaitMs(id)).toBe(0)
    quotas.spendSocket(id, 1_000_000)
    await counts.flush()
    await quotas.spendEvents(id, 5)
    isDown = false
    await counts.flush()
    const { json } = await app.get(`/api/v1/creators/${id}/usage`, { key })
    expect(json.limits).toEqual({ events_per_s: null, requests_per_s: null, sockets: null })
    expect(json.day).toMatchObject({ events: 1_000_005, sockets: 1_000_001 })
  })
})
