import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from '@creatorflow/db/database'
import { createMigratedDatabase } from '@creatorflow/db/testing'
import { openTimescale } from '@creatorflow/db/timescale'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { administer, editions } from '../../../scripts/test/backends.ts'
import { startApp } from '../harness.ts'
import { startProxy } from '../proxy.ts'
import { drill, type Stage } from './drill.ts'
import { createPostgresServer, postgresInstalled } from './postgres-server.ts'
import { startSlowProxy } from './slow-proxy.ts'
import { openScreens, roomy } from './stages.ts'

const timescale = editions().find(({ url }) => url !== undefined)?.url ?? ''
/** Long enough that every screen must have said that it does not know. */
const BLIND_MS = 3_500

async function ownDatabase(): Promise<string> {
  const own = await createMigratedDatabase(timescale)
  onTestFinished(() => own.drop())
  return own.url
}

/** A server on the database at `url`, and screens on it; `direct` bypasses what is in between. */
async function place(url: string, direct = url): Promise<Stage & { database: Database }> {
  const database = await openTimescale({ url })
  onTestFinished(() => database[Symbol.asyncDispose]())
  const app = await startApp({ database, env: roomy })
  onTestFinished(() => app[Symbol.asyncDispose]())
  const { id: creatorId, key } = await app.newCreator()
  const screens = openScreens([app.url], { key, creatorId })
  const openLog = () => openTimescale({ url: direct })
  return { database, creatorId, key, port: () => app.port, screens, openLog }
}

/** A database to kill: the test's own server, else connections that break and are refused. */
async function killable() {
  if (postgresInstalled()) {
    const server = await createPostgresServer()
    onTestFinished(() => server[Symbol.asyncDispose]())
    return { on: 'own PostgreSQL', direct: server.url, ...server }
  }
  const direct = await ownDatabase()
  const network = await startProxy(direct)
  onTestFinished(() => network[Symbol.asyncDispose]())
  return {
    on: 'terminated backends',
    direct,
    url: network.url,
    async kill() {
      network.cut()
      await administer(
        direct,
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid()`,
      )
    },
    start: async () => network.restore(),
  }
}

test.skipIf(!timescale)(
  '[P1][P2][P3][LOSS-3] with the database killed and restarted, events are refused meanwhile, nothing is lost, and screens are exact',
  { timeout: 150_000 },
  async () => {
    const { on, url, direct, kill, start } = await killable()
    const stage = await place(url, direct)
    await drill(on, stage, {
      name: 'database killed',
      async strike(random, clock, round) {
        const isLong = round % 2 === 1
        clock.struck(isLong ? stage.screens : [])
        await kill()
        await delay(isLong ? BLIND_MS : random.between(0, 500))
        clock.doubted()
        await start()
        clock.back()
      },
    })
  },
)

test.skipIf(!timescale)(
  '[P1][P2][P3][LOSS-3] with a slow database nothing is lost, and screens are exact',
  { timeout: 120_000 },
  async () => {
    const direct = await ownDatabase()
    const network = await startSlowProxy(direct)
    onTestFinished(() => network[Symbol.asyncDispose]())
    await drill('timescale', await place(network.url, direct), {
      name: 'database slow',
      async strike(random, clock) {
        clock.struck()
        network.delayMs = random.between(50, 400)
        await delay(random.between(1_500, 2_500))
        network.delayMs = 0
        clock.back()
      },
    })
  },
)

test.skipIf(!timescale)(
  '[P1][P2][P3][LOSS-3] with locks held for seconds, waiting events are stored once, and screens that cannot know say so',
  { timeout: 120_000 },
  async () => {
    const url = await ownDatabase()
    const stage = await place(url)
    await drill('timescale', stage, {
      name: 'database locked',
      async strike(random, clock, round) {
        const client = new pg.Client({ connectionString: url })
        await client.connect()
        try {
          await client.query('begin')
          // The row blocks only writing; the table also blocks reading heads.
          if (round % 2 === 1) {
            await client.query(`select from counters where creator_id = $1 for update`, [
              stage.creatorId,
            ])
            clock.struck()
            await delay(random.between(1_500, 3_000))
          } else {
            await client.query('lock table counters in access exclusive mode')
            clock.struck(stage.screens)
            await delay(BLIND_MS)
          }
          clock.back()
          const { command } = await client.query('commit')
          expect(command).toBe('COMMIT')
        } finally {
          await client.end()
        }
      },
    })
  },
)
