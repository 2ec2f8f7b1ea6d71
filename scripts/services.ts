// npm run services [-- stop | status]: a real TimescaleDB and Redis for tests and development.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { composeStatus, composeStop, composeUp, hasEngine } from './services/compose.ts'
import { findPostgres, startPostgres } from './services/postgres.ts'
import { findRedis, startRedis } from './services/redis.ts'
import { Advice, envFile, isRunning, stateDir, until } from './services/run.ts'
import { findTree, portInSettings, prepareTree, type Tree } from './services/tree.ts'

type Urls = { DATABASE_URL: string; REDIS_URL: string }

const commands: Record<string, () => Promise<void>> = { start, stop, status }
const command = commands[process.argv[2] ?? 'start']
try {
  if (!command) {
    throw new Advice(`usage: npm run services [-- stop | status]
  SERVICES_DIR            folder for programs, data and logs (default: .services)
  SERVICES_POSTGRES_PORT  TimescaleDB port (default: 55432, or a free one)
  SERVICES_REDIS_PORT     Redis port (default: 56379, or a free one)`)
  }
  mkdirSync(stateDir, { recursive: true })
  await command()
} catch (error) {
  if (!(error instanceof Advice)) throw error
  console.error(error.message)
  process.exitCode = 1
}

async function start() {
  await using _lock = await takeLock()
  const urls = hasEngine() ? await composeUp() : await startFromDebian()
  const text = Object.entries(urls).map(([name, url]) => `${name}=${url}\n`)
  writeFileSync(envFile, text.join(''), { mode: 0o600 })
  process.stdout.write(text.join(''))
}

async function startFromDebian(): Promise<Urls> {
  const tree = await prepareTree()
  const password = keptPassword(tree)
  if (!findPostgres(tree)) {
    const port = await portFor('POSTGRES_PORT', portInSettings(tree, 'postgresql.conf') ?? 55_432)
    await startPostgres(tree, port, password)
  }
  if (!findRedis(tree)) {
    const port = await portFor('REDIS_PORT', portInSettings(tree, 'redis.conf') ?? 56_379)
    await startRedis(tree, port, password)
  }
  const [database, redis] = [findPostgres(tree)?.port, findRedis(tree)?.port]
  return {
    DATABASE_URL: `postgres://postgres:${password}@127.0.0.1:${database}/creatorflow`,
    REDIS_URL: `redis://default:${password}@127.0.0.1:${redis}`,
  }
}

async function stop() {
  const tree = findTree()
  if (tree) {
    // SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
    await end('postgres', findPostgres(tree)?.pid, 'SIGINT')
    await end('redis-server', findRedis(tree)?.pid, 'SIGTERM')
  }
  if (hasEngine()) composeStop()
  rmSync(envFile, { force: true })
}

async function status() {
  const tree = findTree()
  if (hasEngine()) console.log(composeStatus())
  for (const [name, found] of [
    ['TimescaleDB', tree && findPostgres(tree)],
    ['Redis', tree && findRedis(tree)],
  ] as const)
    console.log(`${name}: ${found ? `pid ${found.pid}, port ${found.port}` : 'not running'}`)
  if (existsSync(envFile)) process.stdout.write(readFileSync(envFile, 'utf8'))
}

async function end(name: string, pid: number | undefined, signal: NodeJS.Signals) {
  if (pid === undefined) return console.log(`${name}: not running`)
  process.kill(pid, signal)
  await until(`${name} (pid ${pid}) ends`, 30_000, () => !isRunning(pid, name))
  console.log(`${name}: stopped (pid ${pid})`)
}

/** Any local user can reach a loopback port, and a database superuser can run programs. */
function keptPassword(tree: Tree): string {
  const file = join(tree.dataDir, 'superuser')
  if (!existsSync(file)) writeFileSync(file, randomBytes(16).toString('hex'), { mode: 0o600 })
  return readFileSync(file, 'utf8').trim()
}

/** The port from the environment, which must be free; else the usual one, or any. */
async function portFor(name: 'POSTGRES_PORT' | 'REDIS_PORT', usual: number): Promise<number> {
  const asked = process.env[`SERVICES_${name}`]
  if (asked === undefined || asked === '') return freePort(usual)
  const port = Number(asked)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Advice(`SERVICES_${name} must be a port, such as ${usual}.`)
  }
  if ((await freePort(port)) !== port) {
    throw new Advice(`Port ${port} is in use. Set SERVICES_${name} to another one.`)
  }
  return port
}

/** The preferred port, so an address stays the same, else any: another checkout may hold it. */
function freePort(preferred: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', () =>
      preferred ? resolve(freePort(0)) : reject(new Error('no free port')),
    )
    server.listen(preferred, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : preferred
      server.close(() => resolve(port))
    })
  })
}

/** Two simultaneous starts would build the same folder. */
async function takeLock(): Promise<AsyncDisposable> {
  const file = join(stateDir, 'lock')
  let told = false
  await until('another start is done', 300_000, () => {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' })
      return true
    } catch {
      // A Node process calls its main thread "node" or "MainThread", by release.
      const holder = Number(readFileSync(file, 'utf8'))
      if (!isRunning(holder, 'node') && !isRunning(holder, 'MainThread')) rmSync(file)
      else if (!told) console.log('another start is in progress, waiting for it…')
      told = true
      return false
    }
  })
  return { [Symbol.asyncDispose]: async () => rmSync(file, { force: true }) }
}
