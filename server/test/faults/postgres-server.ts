import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { run } from '../../../scripts/services/run.ts'
import {
  findTree,
  inside,
  makeDataDir,
  postgresBin,
  type Tree,
  writeSettings,
} from '../../../scripts/services/tree.ts'
import { administer, hidesServices } from '../../../scripts/test/backends.ts'
import { freePort } from './stages.ts'

/** A PostgreSQL with TimescaleDB for one test, to kill and restart on the same port. */
export interface PostgresServer extends AsyncDisposable {
  /** Its database `postgres`. */
  readonly url: string
  start(): Promise<void>
  /** kill -9 of the postmaster and of every backend, as in a power failure. */
  kill(): Promise<void>
  /** Kills it, copies its folder as it is and restarts it. */
  backUp(): Promise<void>
  /** Kills it, replaces its folder with the copy and starts that. */
  restore(): Promise<void>
}

/** Whether its programs are on this machine; a server in a container cannot be killed from here. */
export function postgresInstalled(): boolean {
  return !hidesServices() && findTree() !== undefined
}

const START_TIMEOUT_MS = 30_000

const settings = (port: number) => `
listen_addresses = '127.0.0.1'
port = ${port}
unix_socket_directories = ''
shared_preload_libraries = 'timescaledb'
timescaledb.telemetry_level = off
timescaledb.max_background_workers = 4
max_worker_processes = 12
max_connections = 60
shared_buffers = 64MB
# A folder that is entered by chroot has no /dev/shm.
dynamic_shared_memory_type = mmap
synchronous_commit = on
fsync = on
timezone = 'UTC'
`

/** A new cluster, started. */
export async function createPostgresServer(): Promise<PostgresServer> {
  const found = findTree()
  if (!found) throw new Error('no PostgreSQL with TimescaleDB is installed here')
  const name = `fault-${randomBytes(4).toString('hex')}`
  const tree: Tree = {
    ...found,
    dataDir: join(found.dataDir, name),
    innerDataDir: join(found.innerDataDir, name),
  }
  const password = randomBytes(16).toString('hex')
  const port = await freePort()
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
  let running: ChildProcess | undefined

  removeForgotten(found)
  mkdirSync(tree.dataDir, { recursive: true })
  makeDataDir(tree, 'postgres')
  writeSettings(tree, 'postgres', 'password', password)
  writeSettings(tree, 'postgres', 'postgresql.conf', settings(port))
  const data = join(tree.innerDataDir, 'postgres')
  run(
    ...inside(tree, 'postgres', join(postgresBin, 'initdb'), '-D', data, '-E', 'UTF8'),
    ...['--no-sync', '--locale=C.UTF-8', '--username=postgres', '--auth=scram-sha-256'],
    `--pwfile=${join(tree.innerDataDir, 'password')}`,
  )

  function spawnServer(): ChildProcess {
    const config = `config_file=${join(tree.innerDataDir, 'postgresql.conf')}`
    const program = join(postgresBin, 'postgres')
    const [command, ...args] = inside(tree, 'postgres', program, '-D', data, '-c', config)
    return spawn(command, args, { cwd: '/', stdio: 'ignore' })
  }

  async function start(): Promise<void> {
    const deadline = performance.now() + START_TIMEOUT_MS
    for (;;) {
      // After a crash it refuses to start until the last of the old processes is gone.
      if (!isRunning(running)) running = spawnServer()
      const answers = await administer(url, 'select 1').then(
        () => true,
        () => false,
      )
      if (answers && isRunning(running)) return
      if (performance.now() > deadline) throw new Error('PostgreSQL did not start in time')
      await delay(50)
    }
  }

  async function kill(): Promise<void> {
    const child = running
    running = undefined
    if (!child || !isRunning(child)) return
    const exited = once(child, 'exit')
    // Its backends see their postmaster gone and end at once, without a checkpoint.
    child.kill('SIGKILL')
    await exited
  }

  const dataFolder = join(tree.dataDir, 'postgres')
  const copy = join(tree.dataDir, 'copy')
  // Owners and modes unchanged: PostgreSQL requires them.
  const replace = (from: string, to: string) => {
    rmSync(to, { recursive: true, force: true })
    run('cp', '-a', from, to)
  }

  await start()
  return {
    url,
    start,
    kill,
    async backUp() {
      await kill()
      replace(dataFolder, copy)
      await start()
    },
    async restore() {
      await kill()
      replace(copy, dataFolder)
      await start()
    },
    async [Symbol.asyncDispose]() {
      const child = running
      if (child && isRunning(child)) {
        const exited = once(child, 'exit')
        // Immediate shutdown: it takes its backends with it.
        child.kill('SIGQUIT')
        await exited
      }
      rmSync(tree.dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    },
  }
}

/** A cluster whose test was killed stays behind; one this old is unused. */
function removeForgotten({ dataDir }: Tree): void {
  for (const name of readdirSync(dataDir).filter((name) => name.startsWith('fault-'))) {
    const folder = join(dataDir, name)
    const modifiedAt = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
    if (Date.now() - modifiedAt > 2 * 3_600_000) rmSync(folder, { recursive: true, force: true })
  }
}

function isRunning(child: ChildProcess | undefined): boolean {
  return child !== undefined && child.exitCode === null && child.signalCode === null
}
