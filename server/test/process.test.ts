import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PROTOCOL_VERSION } from '@creatorflow/shared/socket'
import { io } from 'socket.io-client'
import { expect, onTestFinished, test } from 'vitest'
import { ask, post } from './harness.ts'
import { runServer, startServer } from './server-process.ts'

const key = `cf_live_starting_${'s'.repeat(43)}`
const bootstrap = { BOOTSTRAP_CREATOR: 'shop', BOOTSTRAP_API_KEY: key }

async function dataDir() {
  const folder = await mkdtemp(join(tmpdir(), 'creatorflow-process-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('[RUN-2] a second process on the same DATA_DIR is refused with words, and the first goes on', async () => {
  const DATA_DIR = await dataDir()
  await using first = await startServer({ DATA_DIR, ...bootstrap })
  const second = await runServer({ DATA_DIR })
  expect(second.code).toBe(1)
  expect(second.output).toContain(`${DATA_DIR} is in use by process`)
  expect(second.output).toContain('DATA_DIR of its own')
  expect(second.output).not.toContain('    at ')
  const { json } = await post(first.port, { id: 'a', type: 'like' }, { key })
  expect(json).toMatchObject({ accepted: 1 })
})

test('[RUN-3][P8] the bootstrap creator and key are valid from the start, and data survives a restart', async () => {
  const env = { DATA_DIR: await dataDir(), ...bootstrap }
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

  await using again = await startServer(env)
  const after = await live(again.port)
  expect(after.json).toMatchObject({ seq: 2, epoch: before.json.epoch, state: before.json.state })
  expect((await post(again.port, events, { key })).json).toMatchObject({ duplicates: 2 })
})

test('[RUN-4] what is wrong in the environment stops the start with words and exit code 1', async () => {
  const DATA_DIR = await dataDir()
  const wrong = [
    {
      env: { ...bootstrap, BOOTSTRAP_API_KEY: 'secret' },
      words: ['BOOTSTRAP_API_KEY', 'cf_live_'],
    },
    { env: { BOOTSTRAP_API_KEY: key }, words: ['BOOTSTRAP_API_KEY', 'needs BOOTSTRAP_CREATOR'] },
    {
      env: { ...bootstrap, BOOTSTRAP_CREATOR: 'My Shop' },
      words: ['BOOTSTRAP_CREATOR', 'a-z0-9_-'],
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

test('[RUN-5] a port that is taken stops the start with exit code 1, and the data dir is free again', async () => {
  const DATA_DIR = await dataDir()
  await using first = await startServer({ DATA_DIR: await dataDir() })
  const second = await runServer({ DATA_DIR, PORT: String(first.port) })
  expect(second.code).toBe(1)
  expect(second.output).toContain(String(first.port))
  await using third = await startServer({ DATA_DIR })
  expect(third.running).toBe(true)
})

test('[RUN-1] an open screen does not hold up the end of the server', async () => {
  await using server = await startServer({ DATA_DIR: await dataDir(), ...bootstrap })
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
  const started = performance.now()
  expect(await server.end('SIGTERM')).toBe(0)
  expect(performance.now() - started).toBeLessThan(5_000)
})
