import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IncomingEvent } from '@creatorflow/shared/events'
import { afterEach, expect, test } from 'vitest'
import { runImport } from '../../import.ts'

interface Received {
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** How the stand-in answers the n-th request to `/api/v1/events`; undefined means as a good server. */
type Answer = (n: number) => { status: number; headers?: Record<string, string> } | undefined

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

/** A server that counts every id once, like the real one, and keeps what it was sent. */
async function standIn(
  answer: Answer = () => undefined,
  reject?: (event: IncomingEvent) => boolean,
) {
  const requests: Received[] = []
  const ids = new Set<string>()
  const creators = new Set<string>()
  const events: IncomingEvent[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { url = '', headers } = request
    requests.push({ url, headers, body })
    const reply = (status: number, value: unknown, more = {}) =>
      response.writeHead(status, more).end(JSON.stringify(value))
    if (url === '/api/v1/creators') {
      const { id } = JSON.parse(body)
      if (creators.has(id)) return reply(409, { error: { code: 'conflict', message: 'exists' } })
      creators.add(id)
      return reply(201, {})
    }
    const told = answer(requests.filter((other) => other.url.startsWith('/api/v1/events')).length)
    if (told) {
      const error = { code: 'unavailable', message: 'the database is away' }
      return reply(told.status, { error }, told.headers)
    }
    const account = { accepted: 0, duplicates: 0, conflicts: [], rejected: [] as unknown[] }
    body
      .split('\n')
      .filter((line) => line !== '')
      .forEach((line, index) => {
        const event = JSON.parse(line) as IncomingEvent
        if (reject?.(event)) {
          account.rejected.push({ index, code: 'ts_too_old', message: 'before 2016' })
        } else if (ids.has(event.id)) account.duplicates++
        else {
          ids.add(event.id)
          events.push(event)
          account.accepted++
        }
      })
    reply(200, account)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  closers.push(() => new Promise((done) => server.close(done)))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, requests, events, creators }
}

async function recording(rows: readonly (object | string)[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'recording-'))
  closers.push(() => rm(folder, { recursive: true }))
  const file = join(folder, 'evening.jsonl')
  await writeFile(
    file,
    rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n'),
  )
  return file
}

const at = Date.UTC(2026, 2, 1, 18)
const row = (n: number, fields: object = {}) => ({
  type: 'WebcastChatMessage',
  captured_at: '2026-03-01T19:00:00.5',
  msg_id: String(n),
  room: `u_room${n % 2}`,
  create_time_ms: String(at + n * 100),
  user: `u_${n}`,
  ...fields,
})
const rows = [
  row(2),
  row(1),
  row(3, { room: null }),
  row(4, { type: 'WebcastRankUpdateMessage' }),
  row(5, { create_time_ms: null }),
  row(6, { msg_id: null }),
  '{"type": "WebcastChatMess',
]

async function run(args: string[]) {
  const lines: string[] = []
  const code = await runImport(args, (line) => lines.push(line))
  return { code, text: lines.join('\n') }
}

test('[IMP-13] the import goes through the HTTP door in the history lane, with a key and a new creator', async () => {
  const server = await standIn()
  const file = await recording(rows)
  const args = ['tiktok-live', file, '--creator', 'Ána & Söhne', '--url', server.url]
  const { code, text } = await run([...args, '--key', 'k1', '--time-zone', 'Europe/Berlin'])
  expect(code).toBe(0)
  expect(server.requests.map(({ url }) => url)).toEqual([
    '/api/v1/creators',
    '/api/v1/events?lane=history',
  ])
  expect(server.requests.every(({ headers }) => headers.authorization === 'Bearer k1')).toBe(true)
  expect(server.requests[1]?.headers['content-type']).toBe('application/x-ndjson')
  expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
    id: 'ana-sohne',
    name: 'Ána & Söhne',
    time_zone: 'Europe/Berlin',
    currency: 'USD',
    locale: 'en',
    kind: 'real',
  })
  expect(
    server.events.map(({ id, ts, creator_id }) => [
      id.slice(0, 'tiktok:sha256-'.length),
      ts,
      creator_id,
    ]),
  ).toEqual([
    ['tiktok:1', at + 100, 'ana-sohne'],
    ['tiktok:2', at + 200, 'ana-sohne'],
    ['tiktok:3', at + 300, 'ana-sohne'],
    ['tiktok:5', at + 500, 'ana-sohne'],
    ['tiktok:sha256-', at + 600, 'ana-sohne'],
  ])
  expect(text).toContain('5 sent: 5 accepted, 0 duplicates, 0 rejected')
  expect(text).toContain('1 belong to no LIVE')
  expect(text).toContain('1 × WebcastRankUpdateMessage')
  expect(text).toContain('1 × a line that is no JSON object')
})

test('[IMP-14] importing twice changes nothing: what was accepted first are duplicates then', async () => {
  const server = await standIn()
  const file = await recording(rows)
  const args = ['tiktok-live', file, '--creator', 'ana', '--url', server.url]
  await run(args)
  const again = await run(args)
  expect(again.code).toBe(0)
  expect(again.text).toContain('5 sent: 0 accepted, 5 duplicates, 0 rejected')
  expect(server.requests[1]?.body).toBe(server.requests[3]?.body)
  expect(server.events).toHaveLength(5)
})

test('[IMP-15] 503 and 429 are tried again after Retry-After with the same ids', async () => {
  const server = await standIn((n) =>
    n < 3 ? { status: n === 1 ? 503 : 429, headers: { 'retry-after': '0' } } : undefined,
  )
  const file = await recording(rows)
  const { code, text } = await run(['tiktok-live', file, '--creator', 'ana', '--url', server.url])
  expect(code).toBe(0)
  expect(text).toContain('the server answered 503: the database is away; trying again in 0 s')
  const bodies = server.requests.slice(1).map(({ body }) => body)
  expect(bodies).toHaveLength(3)
  expect(new Set(bodies).size).toBe(1)
})

test('[IMP-16] requests have at most 5,000 lines', async () => {
  const server = await standIn()
  const file = await recording(Array.from({ length: 5_001 }, (_, n) => row(n)))
  await run(['tiktok-live', file, '--creator', 'ana', '--url', server.url])
  expect(server.requests.slice(1).map(({ body }) => body.trim().split('\n').length)).toEqual([
    5_000, 1,
  ])
  expect(server.events).toHaveLength(5_001)
})

test('[IMP-17] what the server rejects is told with its reason, and the exit code is 1', async () => {
  const server = await standIn(undefined, (event) => event.id === 'tiktok:2')
  const file = await recording(rows)
  const { code, text } = await run(['tiktok-live', file, '--creator', 'ana', '--url', server.url])
  expect(code).toBe(1)
  expect(text).toContain('5 sent: 4 accepted, 0 duplicates, 1 rejected')
  expect(text).toContain('1 × ts_too_old, such as tiktok:2: before 2016')
})

test('[IMP-18] without a server, a file or a key it says so and how to go on', async () => {
  const file = await recording(rows)
  const { url } = await standIn()
  await closers.pop()?.()
  const nowhere = await run(['tiktok-live', file, '--creator', 'ana', '--url', url])
  expect(nowhere.code).toBe(1)
  expect(nowhere.text).toBe(
    `Stopped: no answer from ${url} (ECONNREFUSED). Start a server with "npm start".`,
  )

  const server = await standIn(() => ({ status: 401 }))
  const missing = await run(['tiktok-live', `${file}x`, '--creator', 'ana', '--url', server.url])
  expect(missing.code).toBe(1)
  expect(missing.text).toContain('cannot be read')
  const locked = await run(['tiktok-live', file, '--creator', 'ana', '--url', server.url])
  expect(locked.code).toBe(1)
  expect(locked.text).toContain('--key')
})

test.each([
  [[], 'The first word must be tiktok-live.'],
  [['tiktok-live'], 'FILE is missing.'],
  [['tiktok-live', 'a', 'b', '--creator', 'x'], 'One FILE at a time'],
  [['tiktok-live', 'a'], '--creator NAME is missing.'],
  [['tiktok-live', 'a', '--creator', '!!'], 'needs a letter'],
  [['tiktok-live', 'a', '--creator', 'x', '--speed', 'fast'], '--speed must be a number'],
  [['tiktok-live', 'a', '--creator', 'x', '--speed', '0'], '--speed must be a number'],
  [['tiktok-live', 'a', '--creator', 'x', '--url', 'here'], '--url here is no address.'],
  [['tiktok-live', 'a', '--what'], "Unknown option '--what'"],
])('[IMP-19] called wrongly (%j) it explains and exits with 2', async (args, message) => {
  const { code, text } = await run(args)
  expect(code).toBe(2)
  expect(text).toContain(message)
  expect(text).toContain('Usage: npm run import')
})

test('[IMP-20] with --speed it happens now on a replay creator, each time anew', async () => {
  const server = await standIn()
  const file = await recording(rows)
  const args = ['tiktok-live', file, '--creator', 'ana', '--url', server.url, '--speed', '100']
  const before = Date.now()
  const first = await run(args)
  await run(args)
  expect(first.code).toBe(0)
  expect([...server.creators]).toEqual(['ana-replay'])
  expect(JSON.parse(server.requests[0]?.body ?? '')).toMatchObject({ kind: 'replay' })
  expect(server.requests[1]?.url).toBe('/api/v1/events')
  expect(server.events).toHaveLength(10)
  expect(new Set(server.events.map(({ session_id }) => session_id)).size).toBe(5)
  for (const { ts = 0, creator_id } of server.events) {
    expect(creator_id).toBe('ana-replay')
    expect(ts).toBeGreaterThanOrEqual(before)
    expect(ts).toBeLessThanOrEqual(Date.now())
  }
})
