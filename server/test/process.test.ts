import { chmodSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '@creatorflow/db/open'
import { sql } from '@creatorflow/db/sql'
import { newDataDir } from '@creatorflow/db/testing'
import { PROTOCOL_VERSION } from '@creatorflow/shared/socket'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { ask, post } from './harness.ts'
import { runServer, type ServerProcess, startServer } from './server-process.ts'

const key = `cf_live_starting_${'s'.repeat(43)}`
const bootstrap = { BOOTSTRAP_CREATOR: 'shop', BOOTSTRAP_API_KEY: key }

const removedAfterwards = (folder: string) => {
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
const dataDir = () => newDataDir().then(removedAfterwards)
/** For what only a first start does. */
const emptyDataDir = () => mkdtemp(join(tmpdir(), 'creatorflow-process-')).then(removedAfterwards)

describe('beside a server that runs', () => {
  let DATA_DIR: string
  let first: ServerProcess
  beforeAll(async () => {
    DATA_DIR = await newDataDir()
    first = await startServer({ DATA_DIR, ...bootstrap })
  })
  afterAll(async () => {
    await first?.[Symbol.asyncDispose]()
    await rm(DATA_DIR, { recursive: true, force: true })
  })

  test('[NODE-2] a second process on the same DATA_DIR is refused with the reason, and the first continues', async () => {
    const second = await runServer({ DATA_DIR })
    expect(second.code).toBe(1)
    expect(second.output).toContain(`${DATA_DIR} is in use by process`)
    expect(second.output).toContain('set a different DATA_DIR')
    expect(second.output).not.toContain('    at ')
    const { json } = await post(first.port, { id: 'a', type: 'like' }, { key })
    expect(json).toMatchObject({ accepted: 1 })
  })

  test('[ACCESS-8] the local owner is signed in at once and needs no link', async () => {
    const { json } = await ask(first.port, 'GET', '/api/v1/me')
    expect(json).toMatchObject({ local_owner: true })
    expect(first.output).not.toContain('/welcome')
  })

  test('[NODE-2] a taken port stops the start with exit code 1, and frees the data directory', async () => {
    const other = await dataDir()
    const second = await runServer({ DATA_DIR: other, PORT: String(first.port) })
    expect(second.code).toBe(1)
    expect(second.output).toContain(`Port ${first.port} is in use by another program`)
    expect(second.output).toContain('set PORT to another port')
    expect(second.output).not.toContain('    at ')
    await using database = await openDatabase({ dataDir: other })
    expect(await database.query(sql`select 1 as n`)).toEqual([{ n: 1 }])
  })
})

test('[NODE-3][STORE-4][P8] the bootstrap creator and key are valid from the start, and data survives a restart', async () => {
  const env = { DATA_DIR: await emptyDataDir(), ...bootstrap }
  const events = [
    { id: 'a', type: 'payment_completed', amount: 1_234, session_id: 'live' },
    { id: 'b', type: 'like', creator_id: 'shop' },
  ]
  const live = (port: number) =>
    ask(port, 'GET', '/api/v1/creators/shop/live', { authorization: `Bearer ${key}` })
  const first = await startServer(env)
  onTestFinished(() => first[Symbol.asyncDispose]())
  expect((await post(first.port, events, { key })).json).toMatchObject({ accepted: 2 })
  const before = await live(first.port)
  expect(before).toMatchObject({ status: 200, json: { seq: 2 } })
  expect(await first.end('SIGTERM')).toBe(0)
  // The embedded database opens its files to everyone, so the folder around them must not be.
  expect(statSync(env.DATA_DIR).mode & 0o777).toBe(0o700)
  chmodSync(env.DATA_DIR, 0o755)

  await using again = await startServer(env)
  const after = await live(again.port)
  expect(after.json).toMatchObject({ seq: 2, epoch: before.json.epoch, state: before.json.state })
  expect((await post(again.port, events, { key })).json).toMatchObject({ duplicates: 2 })
  expect(statSync(env.DATA_DIR).mode & 0o777).toBe(0o700)
})

test('[NODE-2] invalid settings stop the start with the reason and exit code 1', async () => {
  const DATA_DIR = await emptyDataDir()
  const wrong = [
    { env: { BOOTSTRAP_API_KEY: key }, words: ['BOOTSTRAP_API_KEY', 'needs BOOTSTRAP_CREATOR'] },
    // All that is wrong is said at once.
    {
      env: { BOOTSTRAP_CREATOR: 'My Shop', BOOTSTRAP_API_KEY: 'secret' },
      words: ['BOOTSTRAP_API_KEY', 'cf_live_', 'BOOTSTRAP_CREATOR', 'a-z0-9_-'],
    },
  ]
  await Promise.all(
    wrong.map(async ({ env, words }) => {
      const { code, output } = await runServer({ DATA_DIR, ...env })
      expect(code).toBe(1)
      for (const word of words) expect(output).toContain(word)
      expect(output).not.toContain('    at ')
      expect(output).not.toContain(key)
    }),
  )
})

test('[NODE-1][P1] SIGTERM under load: keep-alive callers are answered, told to close, and delay nothing, nor does an open screen', async () => {
  // Far longer than the test: it ends because the connections do, and waits for no screen to leave.
  const env = { DATA_DIR: await dataDir(), ...bootstrap, SHUTDOWN_TIMEOUT_MS: '600000' }
  await using server = await startServer(env)
  const socket = io(`http://127.0.0.1:${server.port}/live`, {
    auth: { token: key, protocol: PROTOCOL_VERSION },
    transports: ['websocket'],
    reconnection: false,
  })
  onTestFinished(() => void socket.close())
  await new Promise<void>((done, failed) => {
    socket.once('connect', done)
    socket.once('connect_error', failed)
  })
  const agent = new Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  let answered = 0
  const told: (string | undefined)[] = []
  const unanswered: string[] = []
  const lanes = Array.from({ length: 8 }, async (_, lane) => {
    for (let n = 0; ; n++) {
      const reply = await like(agent, server.port, `${lane}-${n}`).catch((error) => error.code)
      if (typeof reply !== 'object') return void unanswered.push(reply)
      answered++
      told[lane] = reply.connection
      // Callers told to close go elsewhere: a new connection may meet the end of the server.
      if (reply.connection === 'close') return
    }
  })
  await expect.poll(() => answered).toBeGreaterThan(100)
  expect(await server.end('SIGTERM')).toBe(0)
  await Promise.all(lanes)
  expect(unanswered).toEqual([])
  expect(told).toEqual(Array(8).fill('close'))
})

/** Sends an event on a keep-alive connection; returns what the answer says about the connection. */
function like(agent: Agent, port: number, id: string): Promise<{ connection?: string }> {
  return new Promise((done, failed) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const at = { host: '127.0.0.1', port, method: 'POST', path: '/api/v1/events', agent, headers }
    const sending = request(at, (response) => {
      const { connection } = response.headers
      response.resume().once('end', () => done(connection === undefined ? {} : { connection }))
    })
    sending.once('error', failed).end(JSON.stringify({ id, type: 'like' }))
  })
}
