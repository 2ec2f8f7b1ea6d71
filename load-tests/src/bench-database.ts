import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { cpuSecondsOf } from './clock.ts'

/** An empty database for this run; dropped on dispose. */
export interface BenchDatabase extends AsyncDisposable {
  readonly name: string
  readonly url: string
}

/** One left behind by a killed run is dropped after this time. */
const FORGOTTEN_AFTER_MS = 2 * 3_600_000

const open = new Set<BenchDatabase>()

/** Drops what an aborted run would leave behind. */
export async function dropOpenDatabases(): Promise<void> {
  await Promise.allSettled([...open].map((database) => database[Symbol.asyncDispose]()))
}

/** Creates a database on the server of `url`, whose role must be allowed to. */
export async function createBenchDatabase(url: string, purpose: string): Promise<BenchDatabase> {
  await dropForgotten(url)
  const name = `bench_${Date.now().toString(36)}_${randomBytes(3).toString('hex')}_${purpose}`
  // template0: nobody can be connected to it, which would make this fail.
  await ask(url, `create database ${name} template template0`)
  const own = new URL(url)
  own.pathname = `/${name}`
  const database: BenchDatabase = {
    name,
    url: own.href,
    async [Symbol.asyncDispose]() {
      await ask(url, `drop database if exists ${name} with (force)`)
      open.delete(database)
    },
  }
  open.add(database)
  return database
}

async function dropForgotten(url: string): Promise<void> {
  const found = await ask<{ datname: string }>(
    url,
    "select datname from pg_database where datname like 'bench\\_%'",
  )
  for (const { datname } of found) {
    const created = Number.parseInt(datname.split('_')[1] ?? '', 36)
    if (created < Date.now() - FORGOTTEN_AFTER_MS) {
      await ask(url, `drop database if exists ${datname} with (force)`)
    }
  }
}

/** One statement on a connection of its own. */
export async function ask<R extends pg.QueryResultRow>(url: string, text: string): Promise<R[]> {
  const client = await connect(url)
  try {
    return (await client.query<R>(text)).rows
  } finally {
    await client.end()
  }
}

/** Facts about the database that a figure needs. */
export async function describeDatabase(url: string): Promise<Record<string, string>> {
  const settings = [
    'server_version',
    'shared_buffers',
    'synchronous_commit',
    'fsync',
    'max_wal_size',
  ]
  const [row] = await ask<Record<string, string>>(
    url,
    `select extversion as timescaledb, current_setting('timescaledb.license') as license,
       (select string_agg(time_interval::text, ', ') from timescaledb_information.dimensions
        where hypertable_name = 'events') as chunk_interval,
       (select count(*)::text from pg_indexes where tablename = 'events') as indexes_of_events,
       ${settings.map((name) => `current_setting('${name}') as ${name}`).join(', ')}
     from pg_extension where extname = 'timescaledb'`,
  )
  return row ?? {}
}

/** Rows of `events` added since `after`, in COPY's text form, in shares of whole creators. */
export async function readRows(
  url: string,
  shares: readonly (readonly string[])[],
  afterSeq: number,
): Promise<Buffer[][]> {
  const columns = await eventColumns(url)
  const client = await connect(url)
  try {
    const read: Buffer[][] = []
    for (const creators of shares) {
      const list = creators.map((id) => client.escapeLiteral(id)).join(', ')
      const rows = client.query(
        copyTo(
          `copy (select ${columns} from events where creator_id in (${list}) and seq > ${afterSeq}
                 order by received_at, creator_id, seq) to stdout`,
        ),
      )
      const chunks: Buffer[] = []
      for await (const chunk of rows) chunks.push(chunk as Buffer)
      read.push(chunks)
    }
    return read
  } finally {
    await client.end()
  }
}

/** Copies each share on its own connection, all at once; returns the seconds it took. */
export async function copyRows(
  url: string,
  shares: readonly (readonly Buffer[])[],
): Promise<number> {
  const columns = await eventColumns(url)
  const clients = await Promise.all(shares.map(() => connect(url)))
  try {
    for (const client of clients) await client.query('set synchronous_commit = on')
    const startedAt = performance.now()
    await Promise.all(
      shares.map((chunks, index) => {
        const client = clients[index] as pg.Client
        return pipeline(
          Readable.from(chunks),
          client.query(copyFrom(`copy events (${columns}) from stdin`)),
        )
      }),
    )
    return (performance.now() - startedAt) / 1000
  } finally {
    await Promise.all(clients.map((client) => client.end()))
  }
}

/** Before each stretch, so none pays for pages another one left. True if allowed. */
export async function checkpoint(url: string): Promise<boolean> {
  return ask(url, 'checkpoint').then(
    () => true,
    () => false,
  )
}

/** CPU seconds so far of a database's backends; null if they are out of sight, as in a container. */
export async function backendCpuSeconds(url: string, name: string): Promise<number | null> {
  const rows = await ask<{ pid: number }>(
    url,
    `select pid from pg_stat_activity where datname = '${name}' and pid <> pg_backend_pid()`,
  )
  const seconds = rows.map(({ pid }) => cpuSecondsOf(pid))
  return seconds.includes(null) ? null : seconds.reduce<number>((sum, one) => sum + (one ?? 0), 0)
}

async function eventColumns(url: string): Promise<string> {
  const rows = await ask<{ column_name: string }>(
    url,
    `select column_name from information_schema.columns
     where table_schema = 'public' and table_name = 'events' order by ordinal_position`,
  )
  return rows.map(({ column_name }) => column_name).join(', ')
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  // The query's own error says enough.
  client.on('error', () => {})
  await client.connect()
  return client
}
