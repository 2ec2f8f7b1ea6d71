import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { isRunning, run, startServer, stateDir } from './run.ts'
import { inside, makeDataDir, postgresBin, type Tree, writeSettings } from './tree.ts'

/** The real thing in miniature: durable as in production, small enough for a laptop. */
const settings = (port: number) => `
listen_addresses = '127.0.0.1'
port = ${port}
unix_socket_directories = ''
shared_preload_libraries = 'timescaledb'
timescaledb.telemetry_level = off
timescaledb.max_background_workers = 16
max_worker_processes = 32
max_connections = 100
shared_buffers = 256MB
# A folder that is entered by chroot has no /dev/shm.
dynamic_shared_memory_type = mmap
synchronous_commit = on
fsync = on
timezone = 'UTC'
log_line_prefix = '%m [%p] %d '
`

export async function startPostgres(tree: Tree, port: number, password: string) {
  const data = join(tree.innerDataDir, 'postgres')
  if (!existsSync(join(tree.dataDir, 'postgres/PG_VERSION'))) {
    makeDataDir(tree, 'postgres')
    writeSettings(tree, 'postgres', 'password', password)
    run(
      ...inside(tree, 'postgres', join(postgresBin, 'initdb'), '-D', data, '-E', 'UTF8'),
      ...['--locale=C.UTF-8', '--username=postgres', '--auth=scram-sha-256'],
      `--pwfile=${join(tree.innerDataDir, 'password')}`,
    )
    rmSync(join(tree.dataDir, 'password'))
  }
  writeSettings(tree, 'postgres', 'postgresql.conf', settings(port))
  const log = join(stateDir, 'postgres.log')
  const config = `config_file=${join(tree.innerDataDir, 'postgresql.conf')}`
  const command = inside(tree, 'postgres', join(postgresBin, 'postgres'), '-D', data, '-c', config)
  const admin = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
  await startServer('PostgreSQL', log, command, () => query(admin, 'select 1'))
  await query(admin, 'create database creatorflow')
}

export function findPostgres(tree: Tree): { pid: number; port: number } | undefined {
  try {
    // Lines of postmaster.pid: pid, data folder, start time, port, …
    const lines = readFileSync(join(tree.dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')
    const [pid, port] = [Number(lines[0]), Number(lines[3])]
    return isRunning(pid, 'postgres') ? { pid, port } : undefined
  } catch {
    return undefined
  }
}

async function query(url: string, sql: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query(sql)
    return true
  } catch (error) {
    // 42P04: the database already exists.
    return (error as { code?: string }).code === '42P04'
  } finally {
    await client.end().catch(() => {})
  }
}
