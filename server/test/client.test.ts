import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname } from 'node:path'
import {
  createClient,
  type EventOf,
  type OutgoingEvent,
  SendError,
} from '@creatorflow/shared/client'
import { build } from 'vite'
import { expect, onTestFinished, test } from 'vitest'
import { startApp } from './harness.ts'

/** A server that answers each request as instructed, and keeps the bodies. */
async function answering(
  answer: (n: number, lines: number) => { status: number; body?: unknown; after?: number },
) {
  const bodies: string[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    bodies.push(body)
    const told = answer(bodies.length, body.split('\n').length - 1)
    if (told.after !== undefined) response.setHeader('retry-after', told.after)
    response.statusCode = told.status
    response.end(JSON.stringify(told.body ?? {}))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => new Promise<void>((done) => server.close(() => done())))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, bodies }
}

const like = (n: number): EventOf<'like'> => ({
  id: `like-${n}`,
  type: 'like',
  ts: 1_772_389_800_000,
})
const account = (accepted: number) => ({
  accepted,
  duplicates: 0,
  superseded: 0,
  conflicts: [],
  rejected: [],
})

test("[INGEST-11] many events are sent in batches, and the account's indexes count over all", async () => {
  await using app = await startApp()
  const { id, key } = await app.newCreator()
  const events: OutgoingEvent[] = Array.from({ length: 12_000 }, (_, n) => like(n))
  // What a program without types may send anyway.
  const wrong = { id: 'wrong', type: 'gift' } as unknown as OutgoingEvent
  events.splice(3, 1, wrong)
  events.splice(11_111, 1, wrong)
  events.splice(11_500, 1, { ...like(0), quantity: 2 })
  const client = createClient({ url: app.url, key, lane: 'history' })
  const told = await client.send(events)
  expect(told.accepted).toBe(11_997)
  expect(told.duplicates).toBe(1)
  expect(told.rejected.map(({ index, code }) => [index, code])).toEqual([
    [3, 'invalid_event'],
    [11_111, 'invalid_event'],
  ])
  expect(told.conflicts).toEqual([{ index: 11_500, id: 'like-0' }])
  expect(await client.send([])).toEqual(account(0))
  const { json } = await app.get(`/api/v1/creators/${id}/live`)
  expect(json.seq).toBe(11_997)
})

test('[INGEST-11] few but long events are sent in batches too', async () => {
  const { url, bodies } = await answering((_, lines) => ({ status: 200, body: account(lines) }))
  const long = { id: 'a', type: 'note', properties: { text: 'x'.repeat(1_500_000) } } as const
  expect(await createClient({ url }).send([long, long, long])).toEqual(account(3))
  expect(bodies.map((body) => body.split('\n').length - 1)).toEqual([2, 1])
})

test('[INGEST-11] superseded events are counted, with indexes over all; servers without revisions are supported', async () => {
  const superseded = { accepted: 0, duplicates: 0, superseded: 1, superseded_indexes: [0] }
  const old = { accepted: 1, duplicates: 0, conflicts: [], rejected: [] }
  const { url } = await answering((n, lines) => ({
    status: 200,
    body: n === 1 ? account(lines) : { ...superseded, conflicts: [], rejected: [] },
  }))
  const events = Array.from({ length: 5_001 }, (_, n) => like(n))
  expect(await createClient({ url, listDuplicates: true }).send(events)).toEqual({
    ...account(5_000),
    superseded: 1,
    duplicate_indexes: [],
    superseded_indexes: [5_000],
  })
  const { url: older } = await answering(() => ({ status: 200, body: old }))
  expect(await createClient({ url: older }).send([like(1)])).toEqual(account(1))
})

test('[INGEST-11] 429 and 503 are retried after Retry-After, other failures are reported at once', async () => {
  const retries: [string, number][] = []
  const { url, bodies } = await answering((n, lines) => {
    if (n === 1) return { status: 503, after: 0, body: { error: { message: 'busy' } } }
    if (n === 2) return { status: 429, after: 0.01 }
    if (n === 4) return { status: 401, body: { error: { message: 'no key' } } }
    return { status: 200, body: account(lines) }
  })
  const client = createClient({ url, onRetry: (...told) => retries.push(told) })
  expect(await client.send([like(1)])).toEqual(account(1))
  expect(new Set(bodies).size).toBe(1)
  expect(retries.map(([reason]) => reason)).toEqual([
    'the server returned 503: busy',
    'the server returned 429',
  ])
  expect(retries[0]?.[1]).toBe(0)
  // At least what was asked for, and a little more, randomized.
  expect(retries[1]?.[1]).toBeGreaterThanOrEqual(10)
  expect(retries[1]?.[1]).toBeLessThan(11)
  await expect(client.send([like(1)])).rejects.toThrow('the server returned 401: no key')
  expect(bodies).toHaveLength(4)
})

test('[INGEST-11] it gives up with a clear error and the account so far', async () => {
  const { url } = await answering((n, lines) =>
    n === 1 ? { status: 200, body: account(lines) } : { status: 503, after: 0 },
  )
  const events = Array.from({ length: 5_001 }, (_, n) => like(n))
  const failure = await createClient({ url, attempts: 3 })
    .send(events)
    .catch((error) => error)
  expect(failure).toBeInstanceOf(SendError)
  expect(failure).toMatchObject({ status: 503, account: account(5_000) })

  const { url: gone } = await answering(() => ({ status: 200, body: account(2) }))
  await expect(createClient({ url: gone }).send([like(1)])).rejects.toThrow('covers 2 of 1')
  const silent = createClient({ url: 'http://127.0.0.1:1', attempts: 1 })
  await expect(silent.send([like(1)])).rejects.toThrow('no response from http://127.0.0.1:1 (')
})

test('[INGEST-11] its types match the schemas', () => {
  const right: OutgoingEvent[] = [
    { id: 'a', type: 'payment_completed', amount: 1, order_id: 'o', ts: '2026-03-01T18:00:00Z' },
    { id: 'b', type: 'gift', properties: { gift_id: 'g', diamond_count: 1, mine: true } },
    // @ts-expect-error a payment needs an amount
    { id: 'c', type: 'payment_completed' },
    // @ts-expect-error no such type
    { id: 'd', type: 'liked' },
    // @ts-expect-error no such field
    { id: 'e', type: 'like', colour: 'red' },
    // @ts-expect-error amounts are numbers
    { id: 'f', type: 'payment_completed', amount: '1' },
  ]
  expect(right).toHaveLength(6)
})

test('[INGEST-11] it has no dependencies', async () => {
  const entry = new URL(import.meta.resolve('@creatorflow/shared/client')).pathname
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: { write: false, minify: true, lib: { entry, formats: ['es'] } },
  })
  const [bundle] = Array.isArray(built) ? built : [built]
  if (!bundle || !('output' in bundle)) throw new Error('nothing was built')
  const [chunk] = bundle.output
  const folder = entry.slice(0, entry.lastIndexOf('/'))
  const foreign = Object.keys(chunk.modules).filter((module) => dirname(module) !== folder)
  expect(foreign).toEqual([])
  expect(chunk.code.length).toBeLessThan(4_000)
})
