import { cp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database } from '@creatorflow/db/database'
import { migrate } from '@creatorflow/db/migrate'
import { openDatabase } from '@creatorflow/db/open'
import { sql } from '@creatorflow/db/sql'
import { newDataDir, openTestDatabase } from '@creatorflow/db/testing'
import { openTimescale } from '@creatorflow/db/timescale'
import { expect, onTestFinished, test } from 'vitest'
import {
  administer,
  createTestDatabase,
  editions,
  hidesServices,
} from '../../../scripts/test/backends.ts'
import { silentLog } from '../core/log.ts'
import { isSuccessor, renewIdentity, renewIdentityOfCopy } from './database-identity.ts'

const identityOf = async (database: Database) =>
  (await database.query<{ id: string }>(sql`select id::text as id from database_identity`))[0]
    ?.id ?? ''

test.skipIf(hidesServices())(
  '[LOSS-6] a copied data folder gets a new identity at its start, one that stayed keeps it',
  async () => {
    const dataDir = await newDataDir()
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
    const start = async () => {
      await using database = await openDatabase({ dataDir })
      await migrate(database)
      await renewIdentityOfCopy(database, { dataDir, log: silentLog() })
      return await identityOf(database)
    }
    const first = await start()
    await cp(join(dataDir, 'pg'), join(dataDir, 'copy'), { recursive: true })
    expect(await start()).toBe(first)
    await rm(join(dataDir, 'pg'), { recursive: true })
    await rename(join(dataDir, 'copy'), join(dataDir, 'pg'))
    const restored = await start()
    expect(restored).not.toBe(first)
  },
  120_000,
)

const server = editions().find(({ url }) => url !== undefined)?.url ?? ''

test.skipIf(!server)(
  '[LOSS-6] a database copied from another one on a server gets a new identity, once for all nodes',
  async () => {
    const own = await createTestDatabase(server)
    onTestFinished(() => own.drop())
    const start = async (url: string, nodes = 1) => {
      const opened = await Promise.all(Array.from({ length: nodes }, () => openTimescale({ url })))
      try {
        for (const database of opened) await migrate(database)
        await Promise.all(
          opened.map((database) =>
            renewIdentityOfCopy(database, { dataDir: '/nowhere', log: silentLog() }),
          ),
        )
        return await Promise.all(opened.map(identityOf))
      } finally {
        for (const database of opened) await database[Symbol.asyncDispose]()
      }
    }
    const [first = ''] = await start(own.url)
    expect(await start(own.url)).toEqual([first])
    const copy = await createTestDatabase(server)
    onTestFinished(() => copy.drop())
    await start(copy.url)
    // Like a dump loaded into another database.
    const [row] = (await administer(own.url, 'select id, replaced, place from database_identity'))
      .rows as { id: string; place: string }[]
    await administer(
      copy.url,
      `update database_identity set id = '${row?.id}', place = '${row?.place}'`,
    )
    const ids = await start(copy.url, 3)
    expect(new Set(ids).size).toBe(1)
    expect(ids).not.toContain(first)
  },
)

test.skipIf(hidesServices())('[LOSS-6] an identity follows only the one it replaced', async () => {
  await using database = await openTestDatabase()
  const first = await identityOf(database)
  expect(await isSuccessor(database, first)).toBe(true)
  expect(await renewIdentity(database, first)).toBe(true)
  expect(await renewIdentity(database, first)).toBe(false)
  expect(await isSuccessor(database, first)).toBe(true)
  await renewIdentity(database, await identityOf(database))
  expect(await isSuccessor(database, first)).toBe(false)
})
