import { openTimescale } from '@creatorflow/db/timescale'
import { expect, onTestFinished, test } from 'vitest'
import { administer } from '../../scripts/test/backends.ts'
import { createPostgresServer, postgresInstalled } from './faults/postgres-server.ts'
import { startApp } from './harness.ts'
import { sentEvents } from './live-events.ts'

test.skipIf(!postgresInstalled())(
  '[STORE-4] a role that owns its database and can create roles is enough for the whole server',
  { timeout: 120_000 },
  async () => {
    const server = await createPostgresServer()
    onTestFinished(() => server[Symbol.asyncDispose]())
    await administer(server.url, "create role app login createrole password 'own'")
    await administer(server.url, 'create database own owner app')
    const own = new URL(server.url)
    own.pathname = '/own'
    await administer(own.href, 'create extension timescaledb')
    own.username = 'app'
    own.password = 'own'
    await using database = await openTimescale({ url: own.href })
    await using app = await startApp({ database })
    const creator = await app.newCreator()
    const { json } = await app.post(sentEvents(creator.id, 20), { key: creator.key })
    expect(json.accepted).toBe(20)
    const path = `/api/v1/creators/${creator.id}/metrics/gmv?bucket=total&from=2026-01-01T00:00:00Z&to=2028-01-01T00:00:00Z`
    for (const url of [path, `/api/v1/creators/${creator.id}/live`])
      expect(await app.get(url, { key: creator.key })).toMatchObject({ status: 200 })
  },
)
