import { setTimeout as delay } from 'node:timers/promises'
import { isUnavailable } from '@creatorflow/db/database'
import { type App, createApp } from './app.ts'
import { ConfigError, loadConfig, type ServerConfig } from './config.ts'
import { createLog, type Log } from './core/log.ts'

/** How long a server waits at its start for a database that is also starting. */
const WAIT_FOR_DATABASE_MS = 60_000

/** Past SHUTDOWN_TIMEOUT_MS this much is left for the database; then the process ends, whatever hangs. */
const HARD_EXIT_MS = 2_000

// Its files are for its own user: they include password hashes.
process.umask(0o077)

function configOrExit(): ServerConfig {
  try {
    return loadConfig()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    console.error(error.message)
    process.exit(1)
  }
}

async function start(config: ServerConfig, log: Log): Promise<App> {
  const until = Date.now() + WAIT_FOR_DATABASE_MS
  for (;;) {
    try {
      return await createApp(config, log)
    } catch (error) {
      if (!isUnavailable(error) || Date.now() > until) throw error
      log.warn({ err: error }, 'the database does not respond yet; retrying')
      await delay(1_000)
    }
  }
}

const config = configOrExit()
const log = createLog({ level: config.logLevel })
process.on('uncaughtException', (error) => {
  log.fatal({ err: error }, 'uncaught exception')
  process.exit(1)
})

let app: App
try {
  app = await start(config, log)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
const owning = app.ownerLink
  ? `It has no owner yet. Open this link within an hour to create the owner account:\n\n  ${app.ownerLink}\n`
  : ''
console.log(`\nCreatorFlow Live is at ${app.url}\n${owning}`)

let stopping = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // A second Ctrl-C means not waiting.
    if (stopping) process.exit(130)
    stopping = true
    log.info(`${signal}: shutting down`)
    setTimeout(() => {
      log.error('the server did not shut down in time')
      process.exit(1)
    }, config.shutdownTimeoutMs + HARD_EXIT_MS).unref()
    app[Symbol.asyncDispose]().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'the server did not shut down cleanly')
        process.exit(1)
      },
    )
  })
}
