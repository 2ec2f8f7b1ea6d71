import type { Database } from '@creatorflow/db/database'
import { migrate } from '@creatorflow/db/migrate'
import { openDatabase } from '@creatorflow/db/open'
import type { Bus } from './bus/bus.ts'
import { createInProcessBus } from './bus/in-process.ts'
import { createRedisBus } from './bus/redis.ts'
import type { Config } from './core/config/config.ts'
import { forgetLeases } from './core/lease.ts'
import type { Log } from './core/log.ts'
import type { Telemetry } from './core/telemetry.ts'
import { readInstallation, renewIdentityOfCopy } from './eventlog/database-identity.ts'
import { createDiskGuard, type DiskGuard } from './pipeline/disk-guard.ts'

/** Adapters already open, instead of the configured ones. */
export interface Components {
  readonly database?: Database
  readonly bus?: Bus
}

export interface Adapters extends AsyncDisposable {
  readonly database: Database
  readonly bus: Bus
  /** Present if the database's files belong to this process. */
  readonly disk: DiskGuard | undefined
  /** Distinguishes this installation from others in a shared Redis. */
  readonly installation: string
}

/**
 * Opens and migrates the database and opens the bus. Disposing closes what was opened: given components stay
 * open.
 */
export async function openAdapters(
  config: Config,
  { log, telemetry }: { readonly log: Log; readonly telemetry: Telemetry },
  components: Components,
): Promise<Adapters> {
  await using opened = new AsyncDisposableStack()
  const database =
    components.database ??
    opened.use(
      await openDatabase({
        ...(config.databaseUrl !== undefined && { databaseUrl: config.databaseUrl }),
        dataDir: config.dataDir,
        embeddedTimeoutMs: config.embeddedTimeoutMs,
      }),
    )
  const ownsFiles = components.database === undefined && config.databaseUrl === undefined
  const disk = ownsFiles ? createDiskGuard({ config, log }) : undefined
  await migrate(database, { log: (line) => log.info(line) })
  await renewIdentityOfCopy(database, { dataDir: config.dataDir, log })
  const installation = `creatorflow:${await readInstallation(database)}`
  if (ownsFiles) await forgetLeases(database)
  const bus =
    components.bus ??
    opened.use(
      config.redisUrl === undefined
        ? createInProcessBus({ log, telemetry })
        : createRedisBus({ url: config.redisUrl, prefix: installation, log, telemetry }),
    )
  log.info(`database: ${database.description}; bus: ${bus.description}`)
  if (config.databaseUrl !== undefined && config.redisUrl === undefined) {
    log.warn(
      'REDIS_URL is not set: run only one server process on this database. Without Redis, other processes notice revoked access up to a minute late.',
    )
  }
  const resources = opened.move()
  return {
    database,
    bus,
    disk,
    installation,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}
