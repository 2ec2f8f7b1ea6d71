import { rm } from 'node:fs/promises'
import { newDataDir } from '@creatorflow/db/testing'
import { expect, onTestFinished, test } from 'vitest'
import { ask } from './harness.ts'
import { cookieIn, password } from './people.ts'
import { runServer, startServer } from './server-process.ts'

const link = /(http:\S+)\/welcome#token=([\w-]{43})/

function become(port: number, token: string | undefined, email: string) {
  const body = JSON.stringify({ token, email, name: 'Mira', password })
  return ask(port, 'POST', '/api/v1/welcome', { 'content-type': 'application/json' }, body)
}

test('[ACCESS-8] the terminal shows the link until there is an owner, and again on request', async () => {
  const DATA_DIR = await newDataDir()
  onTestFinished(() => rm(DATA_DIR, { recursive: true, force: true }))
  const env = { DATA_DIR, HOST: '0.0.0.0' }
  const first = await startServer(env)
  onTestFinished(() => first[Symbol.asyncDispose]())
  await expect.poll(() => first.output).toMatch(link)
  const forgotten = link.exec(first.output)?.[2]
  // Passwords over plain http are mentioned in words.
  expect(first.output).toContain('plain HTTP')
  await first.end('SIGTERM')

  const second = await startServer(env)
  onTestFinished(() => second[Symbol.asyncDispose]())
  await expect.poll(() => second.output).toMatch(link)
  const [, base, token] = link.exec(second.output) ?? []
  expect(base).toBe(`http://localhost:${second.port}`)
  expect(token).not.toBe(forgotten)
  const made = await become(second.port, token, 'mira@example.com')
  expect(made.status).toBe(201)
  const { json } = await ask(second.port, 'GET', '/api/v1/me', { cookie: cookieIn(made.headers) })
  expect(json).toMatchObject({ owner: true })
  // The previously printed one is worthless once there is an owner.
  expect(await become(second.port, forgotten, 'eve@example.com')).toMatchObject({ status: 404 })

  const refused = await runServer(env, 'owner-link')
  expect(refused).toMatchObject({ code: 1 })
  expect(refused.output).toContain('is in use by process')
  await second.end('SIGTERM')
  const lost = await runServer(env, 'owner-link')
  expect(lost).toMatchObject({ code: 0 })
  const again = await startServer(env)
  onTestFinished(() => again[Symbol.asyncDispose]())
  expect(again.output).not.toMatch(link)
  expect(await become(again.port, link.exec(lost.output)?.[2], 'mira@example.com')).toMatchObject({
    status: 201,
  })
})
