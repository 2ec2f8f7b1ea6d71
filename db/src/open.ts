import { join } from 'node:path'
import { prepareDataDir } from './data-dir.ts'
import { lockDataDir } from './data-dir-lock.ts'
import type { Database } from './database.ts'
import { openEmbedded } from './embedded.ts'
import { openTimescale, type TimescaleOptions } from './timescale.ts'

export interface DatabaseOptions extends Partial<Omit<TimescaleOptions, 'url'>> {
  /** TimescaleDB to use; without it the database is embedded. */
  databaseUrl?: string | undefined
  /** Folder of the embedded database, for one process at a time. */
  dataDir: string
  /** Longest time for one statement of the embedded database before its thread is replaced. */
  embeddedTimeoutMs?: number
}

/** Opens the configured database: TimescaleDB by its URL, else the embedded one. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { databaseUrl, dataDir, embeddedTimeoutMs, ...timescale } = options
  if (databaseUrl) return openTimescale({ ...timescale, url: databaseUrl })

  prepareDataDir(dataDir)
  const lock = await lockDataDir(dataDir)
  try {
    const database = await openEmbedded({
      dataDir: join(dataDir, 'pg'),
      ...(embeddedTimeoutMs !== undefined && { timeoutMs: embeddedTimeoutMs }),
    })
    return {
      ...database,
      async [Symbol.asyncDispose]() {
        await database[Symbol.asyncDispose]()
        lock[Symbol.dispose]()
      },
    }
  } catch (error) {
    lock[Symbol.dispose]()
    throw error
  }
}
