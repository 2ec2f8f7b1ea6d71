// Databases for tests: each one empty, its own, and gone afterwards.
import { randomUUID } from 'node:crypto'
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestDatabase } from '../../scripts/test/backends.ts'
import type { Database } from './database.ts'
import { type EmbeddedDatabase, openEmbedded } from './embedded.ts'
import { embeddedSchemaHash, migrate } from './migrate.ts'
import { openTimescale } from './timescale.ts'

/** One of `databases()` in scripts/test/backends.ts. */
export interface Backend {
  readonly name: string
  readonly url?: string
}

/** A migrated database of the test's own, dropped when disposed. */
export async function openTestDatabase(backend: Backend = { name: 'embedded' }): Promise<Database> {
  if (backend.url === undefined)
    return openEmbedded({ dataDir: undefined, loadDump: await migratedDump() })
  const database = await openEmptyDatabase(backend)
  await migrate(database).catch(async (error) => {
    await database[Symbol.asyncDispose]()
    throw error
  })
  return database
}

/** The same without any table. */
export async function openEmptyDatabase({ url }: Backend): Promise<Database> {
  if (url === undefined) return openEmbedded({ dataDir: undefined, loadDump: await emptyDump() })
  const own = await createTestDatabase(url)
  try {
    const database = await openTimescale({ url: own.url })
    return {
      ...database,
      async [Symbol.asyncDispose]() {
        await database[Symbol.asyncDispose]()
        await own.drop()
      },
    }
  } catch (error) {
    await own.drop()
    throw error
  }
}

const dumpPrefix = 'creatorflow-pglite-'

const emptyDump = () => cached('empty', () => openEmbedded({ dataDir: undefined }))

const migratedDump = () =>
  cached(embeddedSchemaHash(), async () => {
    const database = await openEmbedded({ dataDir: undefined, loadDump: await emptyDump() })
    await migrate(database)
    return database
  })

/** A first boot takes seconds, a start from a dump less than one: dumps are kept between runs. */
async function cached(key: string, open: () => Promise<EmbeddedDatabase>): Promise<Uint8Array> {
  const file = join(tmpdir(), `${dumpPrefix}${pgliteVersion()}-${key}.tar`)
  if (!existsSync(file)) {
    removeOldDumps()
    await using database = await open()
    const own = `${file}.${randomUUID()}`
    writeFileSync(own, await database.dumpDataDir())
    // Several workers may do this at once: each file is whole, and the last one stays.
    renameSync(own, file)
  }
  return readFileSync(file)
}

/** Each change of the schema leaves one, of 40 MB. */
function removeOldDumps(): void {
  for (const name of readdirSync(tmpdir()).filter((name) => name.startsWith(dumpPrefix))) {
    const file = join(tmpdir(), name)
    const modifiedAt = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (Date.now() - modifiedAt > 24 * 3_600_000) rmSync(file, { force: true })
  }
}

function pgliteVersion(): string {
  const entry = new URL(import.meta.resolve('@electric-sql/pglite'))
  return JSON.parse(readFileSync(new URL('../package.json', entry), 'utf8')).version
}
