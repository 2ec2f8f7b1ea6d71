import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { createRandom, type Random } from '@creatorflow/shared/simulator/random'
import { mutateBytes, mutateJson } from './mutate.ts'

interface Sample {
  readonly method: string
  readonly path: string
  readonly type?: string
  readonly json?: unknown
  readonly lines?: readonly unknown[]
}

/** Outcome of the requests: by status class, and what must never happen. */
export interface HttpFuzzed {
  sent: number
  readonly statuses: Record<string, number>
  /** Closed, or silent on something truncated. */
  unanswered: number
  /** 5xx other than 503, with the start of the request that caused it. */
  readonly wrong: string[]
}

const event = {
  id: 'e1',
  type: 'payment_completed',
  ts: '2026-10-01T10:00:00Z',
  order_id: 'o1',
  product_id: 'p1',
  customer_id: 'c1',
  amount: 1_999,
  currency: 'USD',
  quantity: 1,
  properties: { note: 'x' },
  user: { handle: 'h', name: 'n' },
}

const samples = (creator: string): readonly Sample[] => [
  { method: 'POST', path: '/api/v1/events', json: [{ ...event, creator_id: creator }] },
  { method: 'POST', path: '/api/v1/events', json: { ...event, creator_id: creator } },
  {
    method: 'POST',
    path: '/api/v1/events?lane=history',
    lines: [
      { ...event, creator_id: creator },
      { ...event, id: 'e2', creator_id: creator, type: 'gift', user_id: 'u' },
    ],
  },
  { method: 'GET', path: '/api/v1/me' },
  { method: 'GET', path: '/api/v1/creators' },
  { method: 'GET', path: `/api/v1/creators/${creator}/live` },
  { method: 'GET', path: `/api/v1/creators/${creator}/lives?limit=10&cursor=2026-10-01~x` },
  { method: 'GET', path: `/api/v1/creators/${creator}/lives/some-live` },
  {
    method: 'GET',
    path: `/api/v1/creators/${creator}/metrics/gmv?from=2026-10-01T00:00:00Z&to=2026-10-02T00:00:00Z&bucket=1h&by=product`,
  },
  {
    method: 'POST',
    path: '/api/v1/creators',
    json: { id: 'made-up', name: 'N', time_zone: 'UTC', currency: 'USD', locale: 'en' },
  },
  { method: 'PATCH', path: `/api/v1/creators/${creator}`, json: { name: 'Another' } },
  {
    method: 'POST',
    path: '/api/v1/sign-in',
    json: { email: 'a@example.com', password: 'long enough to be one', code: '123456' },
  },
  { method: 'POST', path: '/api/v1/api-keys', json: { name: 'k', scopes: ['read'] } },
  { method: 'DELETE', path: `/api/v1/creators/${creator}/people/u1` },
  { method: 'GET', path: '/' },
  { method: 'GET', path: '/healthz' },
  { method: 'GET', path: '/metrics' },
  { method: 'GET', path: '/socket.io/?EIO=4&transport=polling' },
  { method: 'POST', path: '/socket.io/?EIO=4&transport=polling&sid=none', type: 'text/plain' },
]

const SILENCE_MS = 400
const PARALLEL = 16

/** Sends `count` mutated requests, each on its own connection, some truncated. */
export async function fuzzHttp(
  at: { readonly port: number; readonly creator: string; readonly key: string },
  count: number,
  seed: string,
): Promise<HttpFuzzed> {
  const random = createRandom(`http ${seed}`)
  const result: HttpFuzzed = { sent: 0, statuses: {}, unanswered: 0, wrong: [] }
  const worker = async () => {
    while (result.sent < count) {
      result.sent++
      const bytes = mutatedRequest(at, random)
      const status = await statusOf(at.port, bytes)
      if (status === undefined) result.unanswered++
      else {
        const kind = `${Math.floor(status / 100)}xx`
        result.statuses[kind] = (result.statuses[kind] ?? 0) + 1
        if (status >= 500 && status !== 503 && result.wrong.length < 20) {
          result.wrong.push(`${status}: ${bytes.toString('latin1').slice(0, 600)}`)
        }
      }
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, worker))
  return result
}

function mutatedRequest(
  { port, creator, key }: { port: number; creator: string; key: string },
  random: Random,
): Buffer {
  const sample = random.pick(samples(creator))
  const level = random.pick(['json', 'body', 'path', 'head', 'raw'] as const)
  const path = level === 'path' ? text(mutateBytes(Buffer.from(sample.path), random)) : sample.path
  let body = bodyOf(sample, level === 'json' ? random : undefined)
  if (level === 'body') body = mutateBytes(body, random)
  const isZipped = body.length > 0 && random.chance(0.1)
  if (isZipped) body = gzipSync(body)
  if (isZipped && random.chance(0.3)) body = mutateBytes(body, random)
  const type = sample.type ?? (sample.lines ? 'application/x-ndjson' : 'application/json')
  const head = [
    `${sample.method} ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Connection: close',
    ...(random.chance(0.5) ? [`Authorization: Bearer ${key}`] : []),
    ...(body.length > 0 ? [`Content-Type: ${type}`, `Content-Length: ${body.length}`] : []),
    ...(isZipped ? ['Content-Encoding: gzip'] : []),
  ].join('\r\n')
  const headBytes = Buffer.from(head, 'latin1')
  const sent = level === 'head' ? mutateBytes(headBytes, random) : headBytes
  const whole = Buffer.concat([sent, Buffer.from('\r\n\r\n'), body])
  return level === 'raw' ? mutateBytes(whole, random) : whole
}

function bodyOf({ json, lines }: Sample, random: Random | undefined): Buffer {
  const mutated = (value: unknown) => JSON.stringify(random ? mutateJson(value, random) : value)
  if (lines) return Buffer.from(lines.map(mutated).join('\n'))
  return json === undefined ? Buffer.alloc(0) : Buffer.from(mutated(json) ?? '')
}

/** As allowed in the first line: what would end it stays out, or every request would have an invalid first line. */
function text(bytes: Buffer): string {
  return bytes.toString('latin1').replaceAll(/[\r\n ]/g, '+')
}

/** The status of the answer; undefined if the connection ends or stays silent without one. */
function statusOf(port: number, bytes: Buffer): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let head = ''
    const done = () => {
      socket.destroy()
      const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]
      resolve(status === undefined ? undefined : Number(status))
    }
    socket.setTimeout(SILENCE_MS, done)
    socket.on('data', (chunk) => {
      head = head.length < 20 ? head + chunk.toString('latin1') : head
      if (head.length >= 12) done()
    })
    socket.once('error', done)
    socket.once('close', done)
    socket.write(bytes)
  })
}
