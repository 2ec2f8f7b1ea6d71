import { rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from '@creatorflow/db/database'
import { openDatabase } from '@creatorflow/db/open'
import { createMigratedDatabase, newDataDir } from '@creatorflow/db/testing'
import { createRandom } from '@creatorflow/shared/simulator/random'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type DatabaseName, editions } from '../../scripts/test/backends.ts'
import { isLongRun, scaled } from '../../scripts/test/long-run.ts'
import { logOf } from './log-rows.ts'
import { type ServerProcess, startServer } from './server-process.ts'
import { type Sender, startSender } from './stubborn-sender.ts'

const KILLS = scaled(3, 20)
const key = `cf_live_killtest_${'k'.repeat(43)}`

/** Both are handled alike: either on one edition, in a long run both on each. */
const signalsOn = (edition: DatabaseName) =>
  (['SIGTERM', 'SIGINT'] as const).filter(
    (signal) => isLongRun() || (signal === 'SIGTERM') === (edition === 'embedded'),
  )

describe.each(editions())('on $name', ({ name, url }) => {
  async function place() {
    const dataDir = await newDataDir()
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
    const own = url === undefined ? undefined : await createMigratedDatabase(url)
    if (own) onTestFinished(() => own.drop())
    const databaseUrl = own && { DATABASE_URL: own.url }
    return {
      env: {
        DATA_DIR: dataDir,
        BOOTSTRAP_CREATOR: 'shop',
        BOOTSTRAP_API_KEY: key,
        ...databaseUrl,
      },
      open: () => openDatabase({ dataDir, databaseUrl: own?.url }),
    }
  }

  test(`[P1][P2] kill -9 during ingest, ${KILLS} times, loses nothing acknowledged and counts nothing twice`, {
    timeout: 180_000,
  }, async () => {
    const { env, open } = await place()
    const random = createRandom(`kill/${url === undefined}`)
    let server: ServerProcess | undefined
    onTestFinished(() => server?.[Symbol.asyncDispose]())
    const sender = startSender({ key, port: () => (server?.running ? server.port : undefined) })
    onTestFinished(() => sender.stop())
    for (let kill = 0; kill < KILLS; kill++) {
      server = await startServer(env)
      const before = sender.ledger.size
      await expect
        .poll(() => sender.ledger.size, { interval: 5, timeout: 10_000 })
        .toBeGreaterThan(before)
      await delay(random.between(0, 150))
      await server.end('SIGKILL')
    }
    server = await startServer(env)
    await sender.stop()
    expect(await server.end('SIGTERM')).toBe(0)
    expect(sender.failedTries).toBeGreaterThan(KILLS / 2)
    await using database = await open()
    await expectExact(database, sender)
  })

  test.each(signalsOn(name))(
    '[NODE-1][P1] %s under load answers every open request, exits 0 and loses nothing',
    { timeout: 180_000 },
    async (signal) => {
      const { env, open } = await place()
      let server: ServerProcess | undefined = await startServer(env)
      onTestFinished(() => server?.[Symbol.asyncDispose]())
      const first = server
      const sender = startSender({ key, lanes: 8, port: () => server?.port })
      onTestFinished(() => sender.stop())
      await expect
        .poll(() => sender.ledger.size, { interval: 5, timeout: 10_000 })
        .toBeGreaterThan(100)
      // A server that must be ended by force shows it in its exit code.
      expect(await first.end(signal)).toBe(0)
      server = await startServer(env)
      await sender.stop()
      // A request that was cut off would have been stored already, and come back as a duplicate.
      expect(sender.duplicates).toBe(0)
      expect(await server.end('SIGTERM')).toBe(0)
      await using database = await open()
      await expectExact(database, sender)
    },
  )
})

/** The log holds exactly the ledger's events, once each, and its numbers have no hole. */
async function expectExact(database: Database, sender: Sender): Promise<void> {
  const log = await logOf(database, 'shop')
  expect(sender.surprises).toEqual([])
  const ids = new Set(log.map((row) => row.id))
  const lost = [...sender.ledger.keys()].filter((id) => !ids.has(id))
  expect({ lost, twice: log.length - ids.size }).toEqual({ lost: [], twice: 0 })
  expect(log.length).toBe(sender.ledger.size)
  expect(log.every((row, n) => row.seq === n + 1)).toBe(true)
  const gmv = log.reduce((sum, row) => sum + row.money, 0)
  expect(gmv).toBe([...sender.ledger.values()].reduce((sum, amount) => sum + amount, 0))
}
