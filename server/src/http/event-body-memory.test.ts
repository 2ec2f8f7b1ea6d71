import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask } from '../../test/harness.ts'

const MB = 1_000_000
// As `npm start` sets them: they limit what V8 keeps of new objects.
const { start } = JSON.parse(readFileSync('package.json', 'utf8')).scripts
const startOptions = start.split(' ').filter((word: string) => word.startsWith('--'))
const gzip = { 'content-encoding': 'gzip' }
/** Far past the limits on size, so only what a request holds at a time is measured. */
const limitless = {
  MAX_GZIP_RATIO: '2000',
  MAX_SKIPPED_BYTES: '1000000000',
  REQUEST_TIMEOUT_MS: '300000',
}

let port: number
let end: () => void
/** Before the first large body, in MB. */
let atRest: number

beforeAll(async () => {
  const program = join(import.meta.dirname, '../../test/ingest-process.ts')
  const child = spawn(process.execPath, [...startOptions, '--expose-gc', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, ...limitless },
  })
  end = () => void child.kill('SIGKILL')
  const [said] = await once(child.stdout, 'data')
  port = Number(/\d+/.exec(String(said)))
  // Compiled and warm: a new process grows anyway.
  await post(Readable.from(lines(20_000, '"quantity":1')))
  atRest = await residentMb()
})
afterAll(() => end?.())

test('[INGEST-4][P6] six gzipped bodies of blanks at once are read in constant memory', async () => {
  const blanks = gzipSync(Buffer.alloc(30 * MB, ' '))
  const blankLines = gzipSync(Buffer.alloc(30 * MB, `${' '.repeat(59_999)}\n`))
  for (const body of [blanks, blankLines]) {
    const sent = () => Array.from({ length: 6 }, () => post(body, gzip))
    expect(await grownWhile(() => Promise.all(sent()))).toBeLessThan(60)
  }
}, 120_000)

test('[INGEST-4][P6] 200 MB of events are read in constant memory', async () => {
  const padding = `"properties":{"padding":"${'x'.repeat(1_950)}"}`
  const send = async () => {
    expect(await post(Readable.from(lines(99_000, padding)))).toMatchObject({ accepted: 99_000 })
  }
  // The first one too: nothing before it was as large.
  expect(await grownWhile(send)).toBeLessThan(60)
}, 120_000)

test('[INGEST-4][P6] the reason for a rejected event does not retain the event', async () => {
  const grown = await grownWhile(async () => {
    // The reason names the unknown field, truncated.
    const { rejected } = await post(Readable.from(lines(8_000, `"${'x'.repeat(15_900)}":1`)))
    expect(rejected).toHaveLength(8_000)
  })
  expect(grown).toBeLessThan(60)
}, 120_000)

function* lines(count: number, rest: string): Generator<string> {
  for (let n = 0; n < count; n++) yield `{"id":"event-${n}","type":"like",${rest}}\n`
}

/** The most that the process grew while `work` ran, in MB; what all of them leave behind together is bounded too. */
async function grownWhile(work: () => Promise<unknown>): Promise<number> {
  const grown = await peakWhile(work)
  await expect.poll(residentMb).toBeLessThan(atRest + 60)
  return grown
}

/** The most that the process grew while `work` ran, in MB. */
async function peakWhile(work: () => Promise<unknown>): Promise<number> {
  const before = await residentMb()
  let most = before
  const sampler = setInterval(() => {
    void residentMb().then((mb) => {
      most = Math.max(most, mb)
    })
  }, 250)
  await work()
  clearInterval(sampler)
  return most - before
}

async function residentMb(): Promise<number> {
  const { json } = await ask(port, 'GET', '/memory')
  return json.rss / MB
}

// biome-ignore lint/suspicious/noExplicitAny: what a test reads is checked by its expectations.
async function post(body: Buffer | Readable, headers = {}): Promise<any> {
  const sending = request({
    host: '127.0.0.1',
    port,
    method: 'POST',
    path: '/api/v1/events',
    agent: false,
    headers: { 'content-type': 'application/x-ndjson', ...headers },
  })
  const answered = once(sending, 'response')
  if (body instanceof Readable) await pipeline(body, sending)
  else sending.end(body)
  const [response] = await answered
  return JSON.parse(await text(response))
}
