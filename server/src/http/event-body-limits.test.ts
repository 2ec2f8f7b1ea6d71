import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { sentOf, startApp, type TestApp } from '../../test/harness.ts'
import { logOf } from '../../test/log-rows.ts'
import { sendMeasured, toLines } from '../../test/send-measured.ts'

const ndjson = 'application/x-ndjson'
const gzip = { 'content-encoding': 'gzip' }
const MB = 1_000_000

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app?.[Symbol.asyncDispose]())

const like = (id: string) => JSON.stringify({ id, type: 'like' })

test('[INGEST-3][P6] JSON past its size or count is 413; nothing of it is stored', async () => {
  const { key, id } = await app.newCreator()
  const tooLong = `[${like('a')}${' '.repeat(1_000_000)}]`
  const tooMany = `[${Array.from({ length: 10_001 }, (_, n) => `{"id":"${n}"}`).join(',')}]`
  for (const body of [tooLong, tooMany, gzipSync(tooLong)]) {
    const headers = typeof body === 'string' ? {} : gzip
    const reply = await sendMeasured(app, body, { key, headers })
    expect(reply).toMatchObject({ status: 413, json: { error: { code: 'too_large' } } })
  }
  // Without a length, and past every buffer on the way: the caller still gets its answer.
  const chunked = await sendChunked(key, 'application/json', Buffer.alloc(20 * MB, ' '))
  expect(chunked).toBe(413)
  expect(await logOf(app.database, id)).toEqual([])
})

test('[INGEST-3][P6] a line of 10 MB is rejected alone and never buffered', async () => {
  const { key } = await app.newCreator()
  // Incompressible: what compresses too well is stopped by another limit.
  const long = randomBytes(10 * MB).toString('base64')
  const body = toLines(like('a'), `{"id":"${long}"}`, like('b'))
  for (const [sent, headers] of [
    [body, {}],
    [gzipSync(body), gzip],
  ] as const) {
    const { json } = await sendMeasured(app, sent, { key, type: ndjson, headers })
    expect(json.accepted + json.duplicates).toBe(2)
    expect(json.rejected).toMatchObject([{ index: 1, code: 'line_too_long' }])
  }
})

test('[INGEST-3][P6] gzip bombs stop at the limit', async () => {
  const { key, id } = await app.newCreator()
  const memory = process.memoryUsage().rss
  const bomb = (fill: string) =>
    Buffer.concat(Array(100).fill(gzipSync(Buffer.alloc(8 * MB, fill))))
  const asJson = await sendMeasured(app, bomb(' '), { key, headers: gzip })
  expect(asJson.status).toBe(413)
  const zipped = (line: string, fill: string) => Buffer.concat([gzipSync(`${line}\n`), bomb(fill)])
  const oneLine = await sendMeasured(app, zipped(like('a'), 'x'), {
    key,
    type: ndjson,
    headers: gzip,
  })
  expect(oneLine).toMatchObject({ status: 413, json: { accepted: 1 } })
  const noLines = await sendMeasured(app, zipped(like('b'), '\n'), {
    key,
    type: ndjson,
    headers: gzip,
  })
  expect(noLines).toMatchObject({ status: 413, json: { accepted: 1 } })
  expect((await logOf(app.database, id)).map((row) => row.id)).toEqual(['a', 'b'])
  // Half of what one of them would unpack to.
  expect((process.memoryUsage().rss - memory) / MB).toBeLessThan(400)
})

test('[INGEST-3][P6] a body stops at the first limit it exceeds: gzip ratio, skipped bytes', async () => {
  const { key, id } = await app.newCreator()
  const filler = Buffer.concat([Buffer.alloc(60_000, ' '), Buffer.from('\n')])
  const padded = Buffer.from(`{"id":"b","type":"like","channel":"${' '.repeat(60_000)}"}\n`)
  const unpacked = (line: Buffer) =>
    Buffer.concat([Buffer.from(`${like('a')}\n`), ...Array(1_600).fill(line)])
  const whole = gzipSync(unpacked(padded))
  const wholeMs = cpuMs(() => gunzipSync(whole))
  const started = process.cpuUsage()
  const bomb = await app.post(whole, { key, type: ndjson, headers: gzip })
  const { user, system } = process.cpuUsage(started)
  expect(bomb).toMatchObject({ status: 413, json: { error: { code: 'too_large' }, accepted: 1 } })
  expect(bomb.json.error.message).toContain('100 times its compressed size')
  // Not even unpacked to its end.
  expect((user + system) / 1_000).toBeLessThan(wholeMs)

  const long = Buffer.concat([Buffer.from(`${like('a')}\n`), Buffer.alloc(20 * MB, 'x')])
  for (const body of [unpacked(filler).subarray(0, 20 * MB), long]) {
    const skipped = await app.post(body, { key, type: ndjson })
    expect(skipped).toMatchObject({ status: 413, json: { duplicates: 1 } })
    expect(skipped.json.error.message).toContain('16777216 bytes')
  }
  expect(await logOf(app.database, id)).toHaveLength(1)
})

test('[EVENT-1] the nearest type is looked up only for the first unknown names of a request', async () => {
  const { key } = await app.newCreator()
  const names = Array.from({ length: 30_000 }, (_, n) => `{"id":"${n}","type":"lik-${n}"}`)
  const body = gzipSync(toLines(...names, names[0] as string))
  const { json } = await sendMeasured(app, body, { key, type: ndjson, headers: gzip })
  const messages: string[] = json.rejected.map((r: { message: string }) => r.message)
  expect(messages).toHaveLength(30_001)
  expect(messages.slice(0, 20).every((text) => text.endsWith(', did you mean "like"?'))).toBe(true)
  expect(messages.slice(20, -1).some((text) => text.includes('did you mean'))).toBe(false)
  expect(messages[20]).toBe('unknown type "lik-20"')
  // Known already: it costs nothing.
  expect(messages.at(-1)).toBe(messages[0])
})

test('[INGEST-2] a broken or truncated gzip is 400, with an account of what came before', async () => {
  const { key } = await app.newCreator()
  const body = gzipSync(
    toLines(...Array.from({ length: 3_000 }, (_, n) => like(`${n}-${Math.random()}`))),
  )
  for (const broken of [Buffer.from('no zip'), body.subarray(0, body.length / 2)]) {
    const { status, json } = await sendMeasured(app, broken, { key, type: ndjson, headers: gzip })
    expect(status).toBe(400)
    expect(json.error.message).toContain('gzip')
    expect(json.accepted > 0).toBe(broken.length > 100)
  }
})

test('[INGEST-3][P1] 100,000 lines are all accounted for; line 100,001 ends with 413 that accounts for the first', {
  timeout: 120_000,
}, async () => {
  const { key, id } = await app.newCreator()
  const count = 100_000
  // Every tenth is an event, all others are invalid in some way: the account has 90,000 reasons.
  const body = Array.from({ length: count }, (_, n) =>
    n % 10 === 0 ? like(`e${n}`) : `{"id":${n}`,
  )
  const exactly = await sendMeasured(app, toLines(...body), { key, type: ndjson })
  expect(exactly).toMatchObject({ status: 200, json: { accepted: count / 10 } })
  expect(sentOf(exactly.json)).toBe(count)
  const past = await sendMeasured(app, toLines(...body, like('one more'), like('and one')), {
    key,
    type: ndjson,
  })
  expect(past).toMatchObject({ status: 413, json: { error: { code: 'too_large' }, accepted: 0 } })
  expect(past.json.duplicates).toBe(count / 10)
  expect(sentOf(past.json)).toBe(count)
  expect(await logOf(app.database, id)).toHaveLength(count / 10)
})

test('[INGEST-2][P7] a caller that hangs up mid-body harms nobody; its whole lines are stored', async () => {
  const { key, id } = await app.newCreator()
  const body = toLines(like('a'), like('b'), '{"id":"half')
  const zipped = gzipSync(
    toLines(...Array.from({ length: 20_000 }, (_, n) => `${n}${Math.random()}`)),
  )
  const half = zipped.subarray(0, zipped.length / 2)
  // The key is looked up once: a lookup pending when the caller hangs up affects no line already read.
  await app.get('/api/v1/me', { key })
  await hangUp(key, ndjson, body)
  await hangUp(key, 'application/json', Buffer.from('[{"id":"c"'))
  await hangUp(key, ndjson, half, gzip)
  await hangUp(key, 'application/json', half.subarray(0, 1_000), gzip)
  await expect
    .poll(async () => (await logOf(app.database, id)).map((row) => row.id), { timeout: 10_000 })
    .toEqual(['a', 'b'])
  expect((await app.get('/healthz')).status).toBe(200)
  expect((await sendMeasured(app, `[${like('d')}]`, { key })).json.accepted).toBe(1)
})

test('[INGEST-2][P6] a caller that stops sending is cut off in time; its whole lines are stored', async () => {
  await using slow = await startApp({ env: { REQUEST_TIMEOUT_MS: '1000' } })
  const { key } = await slow.newCreator()
  const request = openRequest(slow.port, key, ndjson)
  request.write(toLines(like('a'), like('b')))
  const [response] = await once(request, 'response')
  expect(response.statusCode).toBe(400)
  const answer = (await buffer(response)).toString()
  expect(answer).toContain('did not arrive within 1000 ms')
  expect(JSON.parse(answer)).toMatchObject({ accepted: 2 })
})

test('[INGEST-2] time spent waiting for the database does not count', async () => {
  await using slow = await startApp({
    env: { REQUEST_TIMEOUT_MS: '1000' },
    wrap: (database) => ({
      ...database,
      transaction: (work) => delay(300).then(() => database.transaction(work)),
    }),
  })
  const { key } = await slow.newCreator()
  // Larger than all buffers on the way, so the caller cannot finish before we have written.
  const padded = Array.from({ length: 5_000 }, (_, n) => like(`${n}`).padEnd(4_000))
  const { status, json } = await slow.post(toLines(...padded), { key, type: ndjson })
  expect([status, json.accepted]).toEqual([200, 5_000])
})

function cpuMs(work: () => unknown): number {
  const started = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(started)
  return (user + system) / 1_000
}

function openRequest(port: number, key: string, type: string, headers = {}) {
  const request = httpRequest({
    host: '127.0.0.1',
    port,
    method: 'POST',
    path: '/api/v1/events',
    agent: false,
    headers: { authorization: `Bearer ${key}`, 'content-type': type, ...headers },
  })
  onTestFinished(() => void request.destroy())
  // Broken connections are what these tests are about.
  request.on('error', () => {})
  return request
}

async function hangUp(key: string, type: string, part: Uint8Array, headers = {}) {
  const request = openRequest(app.port, key, type, { ...headers, 'content-length': '10000000' })
  request.write(part)
  await delay(100)
  const closed = new Promise<void>((done) => request.once('close', done))
  request.destroy()
  await closed
}

/** Sends without a length; reads the answer only after sending everything, like simple callers. */
async function sendChunked(key: string, type: string, body: Buffer): Promise<number> {
  const request = openRequest(app.port, key, type, { 'transfer-encoding': 'chunked' })
  const answered = once(request, 'response')
  for (let from = 0; from < body.length; from += 65_536) {
    if (!request.write(body.subarray(from, from + 65_536))) await once(request, 'drain')
  }
  request.end()
  const [response] = await answered
  response.resume()
  return response.statusCode
}
