// Databases for tests: each one empty, separate, and gone afterwards.
import { randomUUID } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createTestDatabase,
  folderOfCopies,
  type TestDatabase,
} from '../../scripts/test/backends.ts'
import type { Database } from './database.ts'
import { openEmbedded } from './embedded.ts'
import { embeddedSchemaHash, migrate } from './migrate.ts'
import { lendDatabase } from './testing-pool.ts'
import { createMigratedDatabase } from './testing-template.ts'
import { openTimescale } from './timescale.ts'

/** One of `editions()` in scripts/test/backends.ts. */
export interface Backend {
  readonly name: string
  readonly url?: string
}

/** A migrated database for one test, dropped on dispose. */
export async function openTestDatabase(backend: Backend = { name: 'embedded' }): Promise<Database> {
  const { url } = backend
  return url === undefined
    ? lendDatabase(async () => openCopy(await migratedFolder()))
    : openOwn(await createMigratedDatabase(url))
}

/** The same without any table. */
export async function openEmptyDatabase({ url }: Backend): Promise<Database> {
  return url === undefined ? openCopy(await emptyFolder()) : openOwn(await createTestDatabase(url))
}

/** Opens a database of a server that is dropped once closed. */
async function openOwn(own: TestDatabase): Promise<Database> {
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

/** The data directory of a migrated embedded database, to be copied. */
export const migratedFolder = () => folderOf(embeddedSchemaHash(), migrate)

/**
 * A migrated DATA_DIR for a server process: the first start alone costs more than all that follows. The
 * caller removes it.
 */
export async function newDataDir(): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'creatorflow-data-'))
  cpSync(await migratedFolder(), join(dataDir, 'pg'), { recursive: true })
  return dataDir
}

export { createMigratedDatabase }

const emptyFolder = () => folderOf('empty', async () => {})

// In memory if the system has such a folder: no test needs its data tomorrow.
const scratch = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const prefix = 'creatorflow-pglite-'
const copyPrefix = 'creatorflow-copy-'

async function openCopy(folder: string): Promise<Database> {
  const dataDir = join(folderOfCopies() ?? scratch, `${copyPrefix}${randomUUID()}`)
  cpSync(folder, dataDir, { recursive: true })
  const remove = () => rmSync(dataDir, { recursive: true, force: true })
  try {
    const database = await openEmbedded({ dataDir })
    return {
      ...database,
      async [Symbol.asyncDispose]() {
        await database[Symbol.asyncDispose]()
        remove()
      },
    }
  } catch (error) {
    remove()
    throw error
  }
}

/** A first start with migrations takes seconds, a copy a third of one: folders are kept between runs. */
async function folderOf(key: string, fill: (database: Database) => Promise<void>): Promise<string> {
  const folder = join(tmpdir(), `${prefix}${pgliteVersion()}-${key}`)
  if (existsSync(folder)) return folder
  removeOld(tmpdir(), prefix, 24 * 3_600_000)
  const own = `${folder}.${randomUUID()}`
  if (key !== 'empty') cpSync(await emptyFolder(), own, { recursive: true })
  const database = await openEmbedded({ dataDir: own })
  await fill(database)
  await database[Symbol.asyncDispose]()
  try {
    renameSync(own, folder)
  } catch (error) {
    // Another worker was first: each folder is complete.
    rmSync(own, { recursive: true })
    if (!existsSync(folder)) throw error
  }
  return folder
}

/** A folder for all copies of a run: its processes end with databases that could still be reused. */
export function makeFolderOfCopies(): string {
  // A killed run leaves its folder behind; one this old is unused.
  removeOld(scratch, copyPrefix, 2 * 3_600_000)
  return mkdtempSync(join(scratch, copyPrefix))
}

/** Each schema change leaves a folder of 40 MB. */
function removeOld(parent: string, prefix: string, olderThanMs: number): void {
  for (const name of readdirSync(parent).filter((name) => name.startsWith(prefix))) {
    const path = join(parent, name)
    const modifiedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (Date.now() - modifiedAt > olderThanMs) rmSync(path, { recursive: true, force: true })
  }
}

function pgliteVersion(): string {
  const entry = new URL(import.meta.resolve('@electric-sql/pglite'))
  return JSON.parse(readFileSync(new URL('../package.json', entry), 'utf8')).version
}
