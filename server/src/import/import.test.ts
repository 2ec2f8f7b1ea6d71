import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { createScreen, progressLine } from './progress.ts'
import { fileOf, run } from './test/run.ts'
import { standIn } from './test/stand-in.ts'

const recording = (rows: readonly (object | string)[]) => fileOf('evening.jsonl', rows)

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

test('[FILE-1] the import uses the HTTP endpoint, the history lane, a key and a new creator', async () => {
  const server = await standIn()
  const file = await recording(rows)
  const args = ['tiktok-live', file, '--creator', 'Ána & Söhne', '--url', server.url]
  const { code, text } = await run([...args, '--key', 'k1', '--time-zone', 'Europe/Berlin'])
  expect(code).toBe(0)
  expect(server.requests.map(({ url }) => url)).toEqual([
    '/api/v1/creators/ana-sohne/import-rules',
    '/api/v1/creators',
    '/api/v1/events?lane=history&list=duplicates',
  ])
  expect(server.requests.every(({ headers }) => headers.authorization === 'Bearer k1')).toBe(true)
  expect(server.requests[2]?.headers['content-type']).toBe('application/x-ndjson')
  expect(JSON.parse(server.told()[0]?.body ?? '')).toEqual({
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
  expect(text).toContain('1 without a LIVE')
  expect(text).toContain('1 × WebcastRankUpdateMessage')
  expect(text).toContain('1 × a line is not a JSON object')
})

test('[FILE-1] importing twice changes nothing: the second time all are duplicates', async () => {
  const server = await standIn()
  const file = await recording(rows)
  const args = ['tiktok-live', file, '--creator', 'ana', '--url', server.url]
  await run(args)
  const again = await run(args)
  expect(again.code).toBe(0)
  expect(again.text).toContain('5 sent: 0 accepted, 5 duplicates, 0 rejected')
  expect(server.told()[1]?.body).toBe(server.told()[2]?.body)
  expect(server.events).toHaveLength(5)
})

test('[FILE-1] 503 and 429 are retried after Retry-After with the same ids', async () => {
  const server = await standIn((n) =>
    n < 3 ? { status: n === 1 ? 503 : 429, headers: { 'retry-after': '0' } } : undefined,
  )
  const file = await recording(rows)
  const { code, text } = await run(['tiktok-live', file, '--creator', 'ana', '--url', server.url])
  expect(code).toBe(0)
  expect(text).toContain('the server returned 503: the database is away; retrying in 0 s')
  const bodies = server
    .told()
    .slice(1)
    .map(({ body }) => body)
  expect(bodies).toHaveLength(3)
  expect(new Set(bodies).size).toBe(1)
})

test('[FILE-1] requests have at most 5,000 lines', async () => {
  const server = await standIn()
  const file = await recording(Array.from({ length: 5_001 }, (_, n) => row(n)))
  await run(['tiktok-live', file, '--creator', 'ana', '--url', server.url])
  expect(
    server
      .told()
      .slice(1)
      .map(({ body }) => body.trim().split('\n').length),
  ).toEqual([5_000, 1])
  expect(server.events).toHaveLength(5_001)
})

test('[FILE-2] server rejections are reported with their reason, and the exit code is 1', async () => {
  const server = await standIn(undefined, (event) => event.id === 'tiktok:2')
  const file = await recording(rows)
  const { code, text } = await run(['tiktok-live', file, '--creator', 'ana', '--url', server.url])
  expect(code).toBe(1)
  expect(text).toContain('5 sent: 4 accepted, 0 duplicates, 1 rejected')
  expect(text).toContain('1 × ts_too_old, such as row 1: tiktok:2: before 2016')
})

test('[FILE-2] without a server, file or key it says so and what to do', async () => {
  const file = await recording(rows)
  const { url, close } = await standIn()
  await close()
  const nowhere = await run(['tiktok-live', file, '--creator', 'ana', '--url', url])
  expect(nowhere.code).toBe(1)
  expect(nowhere.text).toBe(
    `Stopped: no response from ${url} (ECONNREFUSED). Start a server with "npm start".\n`,
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
  [[], 'The first word must be one of tiktok-live, csv, ndjson.'],
  [['xlsx', 'a', '--creator', 'x'], 'The first word must be one of'],
  [['tiktok-live'], 'FILE is missing.'],
  [['tiktok-live', 'a', 'b', '--creator', 'x'], 'Only one FILE at a time'],
  [['tiktok-live', 'a'], '--creator NAME is missing.'],
  [['tiktok-live', 'a', '--creator', '!!'], 'must contain a letter'],
  [['tiktok-live', 'a', '--creator', 'x', '--speed', 'fast'], '--speed must be a number'],
  [['tiktok-live', 'a', '--creator', 'x', '--speed', '0'], '--speed must be a number'],
  [['tiktok-live', 'a', '--creator', 'x', '--url', 'here'], '--url here is not a valid URL.'],
  [['tiktok-live', 'a', '--what'], "Unknown option '--what'"],
  [['tiktok-live', 'a', '--map', 'a=b'], "Unknown option '--map'"],
  [['ndjson', 'a', '--creator', 'x', '--speed', '2'], '--speed works only with tiktok-live'],
  [['csv', 'a', '--creator', 'x', '--money', 'cents'], '--money is decimal or minor'],
  [['csv', 'a', '--creator', 'x', '--time-zone', 'Mars/Base'], 'is not a time zone'],
])('[FILE-2] wrong usage (%j) is explained and exits with 2', async (args, message) => {
  const { code, text } = await run(args)
  expect(code).toBe(2)
  expect(text).toContain(message)
  expect(text).toContain('Usage: npm run import')
})

test('[FILE-1] with --speed events happen now on a replay creator, new each time', async () => {
  const server = await standIn()
  const file = await recording(rows)
  const args = ['tiktok-live', file, '--creator', 'ana', '--url', server.url, '--speed', '100']
  const before = Date.now()
  const first = await run(args)
  await run(args)
  expect(first.code).toBe(0)
  expect([...server.creators]).toEqual(['ana-replay'])
  expect(JSON.parse(server.told()[0]?.body ?? '')).toMatchObject({ kind: 'replay' })
  expect(server.told()[1]?.url).toBe('/api/v1/events?lane=live&list=duplicates')
  expect(server.events).toHaveLength(10)
  expect(new Set(server.events.map(({ session_id }) => session_id)).size).toBe(5)
  for (const { ts = 0, creator_id } of server.events) {
    expect(creator_id).toBe('ana-replay')
    expect(ts).toBeGreaterThanOrEqual(before)
    expect(ts).toBeLessThanOrEqual(Date.now())
  }
})

test('[FILE-2] stdout has one JSON document, the summary; everything else goes to stderr', async () => {
  const server = await standIn()
  const file = await recording(rows)
  const { out, json, text } = await run([
    'tiktok-live',
    file,
    '--creator',
    'ana',
    '--url',
    server.url,
  ])
  expect(out.trim().startsWith('{')).toBe(true)
  expect(json).toMatchObject({
    format: 'tiktok-live',
    file,
    creator_id: 'ana',
    dry_run: false,
    sent: 5,
    accepted: 5,
    duplicates: 0,
    conflicts: 0,
    rejected: 0,
    skipped: { WebcastRankUpdateMessage: 1, 'a line is not a JSON object': 1 },
  })
  expect(text).not.toContain('"accepted"')
})

test("[FILE-7][FILE-1] NDJSON is sent unchanged, for the command's creator; only a broken line is rejected", async () => {
  const server = await standIn()
  const event = {
    id: 'e1',
    type: 'comment',
    ts: '2026-03-01T18:00:00Z',
    session_id: 's',
    properties: { text: 'hi', mine: [1] },
  }
  const file = await fileOf('events.ndjson', [
    { ...event, creator_id: 'somebody' },
    '{"id": "broken',
    '[]',
    '',
    { id: 'e2', type: 'like', ts: at },
    { id: 'e3', type: 'gift', ts: at },
  ])
  const report = `${file}.csv`
  const args = ['ndjson', file, '--creator', 'ana', '--url', server.url, '--report', report]
  const { code, json } = await run(args)
  expect(code).toBe(1)
  expect(json).toMatchObject({ sent: 2, accepted: 2, rejected: 3 })
  expect(server.events).toEqual([
    { ...event, ts: Date.UTC(2026, 2, 1, 18), creator_id: 'ana' },
    { id: 'e2', type: 'like', ts: at, creator_id: 'ana' },
  ])
  const reported = (await readFile(report, 'utf8')).split('\n').map((line) => line.split(',')[0])
  expect(reported).toEqual(['\ufeff"row"', '"2"', '"3"', '"6"', ''])
})

const many = Array.from({ length: 12_000 }, (_, n) => ({ id: `e${n}`, type: 'like', ts: at + n }))

test('[FILE-1] Ctrl-C stops after a request, and the same command resumes there', async () => {
  const interrupted = new AbortController()
  const server = await standIn((n) => {
    if (n === 1) interrupted.abort()
    return undefined
  })
  const file = await fileOf('events.ndjson', ['nonsense', ...many])
  const report = `${file}.csv`
  const args = ['ndjson', file, '--creator', 'ana', '--url', server.url, '--report', report]
  const first = await run(args, interrupted.signal)
  expect(first.code).toBe(130)
  expect(first.text).toContain('The same command resumes from here; --restart starts over.')
  expect(first.json).toBeUndefined()
  expect(server.events).toHaveLength(4_999)
  const rest = await run(args)
  expect(rest.text).toContain('Resuming after 5000 items')
  // Nothing was sent twice, and the account covers both runs.
  expect(rest.json).toMatchObject({ sent: 12_000, accepted: 12_000, duplicates: 0, rejected: 1 })
  expect(rest.code).toBe(1)
  expect((await readFile(report, 'utf8')).trim().split('\n')).toHaveLength(2)
  expect(new Set(server.events.map(({ id }) => id)).size).toBe(12_000)
  // Once the file is complete, the same command is another import.
  expect((await run(args)).json).toMatchObject({ sent: 12_000, accepted: 0, duplicates: 12_000 })
})

test('[FILE-1] an import interrupted by the server resumes, unless file, options or server changed', async () => {
  const begin = async () => {
    const server = await standIn((n) => (n === 2 ? { status: 500 } : undefined))
    const file = await fileOf('events.ndjson', many)
    const args = ['ndjson', file, '--creator', 'ana', '--url', server.url]
    const { code, text } = await run(args)
    expect(code).toBe(1)
    expect(text).toContain('Stopped: the server returned 500')
    expect(text).toContain('The same command resumes from here')
    return { server, file, args }
  }
  const same = await begin()
  expect((await run(same.args)).json).toMatchObject({ accepted: 12_000, duplicates: 0 })

  const anew = { accepted: 7_000, duplicates: 5_000 }
  const restarted = await begin()
  expect((await run([...restarted.args, '--restart'])).json).toMatchObject(anew)
  const otherwise = await begin()
  expect((await run([...otherwise.args, '--locale', 'de'])).json).toMatchObject(anew)
  const edited = await begin()
  await appendFile(edited.file, '\n')
  expect((await run(edited.args)).json).toMatchObject(anew)
  const broken = await begin()
  await writeFile(`${broken.file}.ana.import`, '{"done":')
  expect((await run(broken.args)).json).toMatchObject(anew)
  const emptied = await begin()
  emptied.server.creators.clear()
  expect((await run(emptied.args)).json).toMatchObject(anew)
})

test('[FILE-1] progress shows the share of the file, events per second and time left', () => {
  const line = (bytes: number, elapsedMs: number) =>
    progressLine({ bytes, totalBytes: 1_000, events: 500, elapsedMs })
  expect(line(250, 2_000)).toBe('25 %, 500 events, 250/s, 6 s left')
  expect(line(10, 10_000)).toBe('1 %, 500 events, 50/s, 17 min left')
  expect(line(1, 10_000)).toBe('0 %, 500 events, 50/s, 2.8 h left')
  expect(line(0, 1_000)).toBe('0 %, 500 events, 500/s')
  expect(progressLine({ bytes: 0, totalBytes: 0, events: 0, elapsedMs: 0 })).toContain('100 %')
  const written: string[] = []
  const screen = createScreen((text) => written.push(text), true)
  screen.progress(() => ({ bytes: 1, totalBytes: 2, events: 1, elapsedMs: 1_000 }))
  screen.line('done')
  expect(written).toEqual(['\r\x1b[K50 %, 1 events, 1/s, 1 s left', '\r\x1b[Kdone\n'])
})
