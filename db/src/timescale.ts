import { Readable } from 'node:stream'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import {
  type Database,
  type Edition,
  errorCode,
  isUnavailable,
  rolledBack,
  type Transaction,
  transactionOver,
  unavailable,
} from './database.ts'
import { type Sql, sql } from './sql.ts'
import { asTenantRead, beginAs } from './tenant-views.ts'
import { copyStatement, toCopyText, toParameter, toRows } from './values.ts'

export interface TimescaleOptions {
  url: string
  maxConnections?: number
  statementTimeoutMs?: number
  connectTimeoutMs?: number
  /** A node that freezes within a transaction blocks others for this long. */
  idleInTransactionMs?: number
  /** Called for connections that broke while idle. */
  onError?: (error: Error) => void
}

const asText = { getTypeParser: () => (value: unknown) => value }

function openPool(options: TimescaleOptions): pg.Pool {
  const { maxConnections = 10, statementTimeoutMs = 30_000, connectTimeoutMs = 5_000 } = options
  const { idleInTransactionMs = 5_000 } = options
  const onError = options.onError ?? (() => {})
  const pool = new pg.Pool({
    connectionString: options.url,
    max: maxConnections,
    connectionTimeoutMillis: connectTimeoutMs,
    // The server gives up first; this one is for a server that no longer answers.
    query_timeout: statementTimeoutMs + 5_000,
    keepAlive: true,
    fallback_application_name: 'creatorflow-live',
    onConnect: async (client) => {
      // Without jit: compiling a statement over many chunks takes longer than running it.
      await client.query(
        `set jit = off; set synchronous_commit = on; set timezone = 'UTC'; set datestyle = 'ISO';
         set statement_timeout = ${statementTimeoutMs};
         set idle_in_transaction_session_timeout = ${idleInTransactionMs};
         set transaction_timeout = ${statementTimeoutMs * 10}`,
      )
    },
  })
  pool.on('error', onError)
  // The pool has no listener on a lent client, and without one its loss ends the process. The borrower gets
  // the error from the next statement.
  pool.on('connect', (client) =>
    client.on('error', (error) => {
      // The first error is the server's; the following only says that the connection is gone.
      if (!endedBy.has(client)) endedBy.set(client, error)
    }),
  )
  return pool
}

/**
 * Opens TimescaleDB and installs its extension if missing; rejects with an `isUnavailable` error while no
 * server answers.
 */
export async function openTimescale(options: TimescaleOptions): Promise<Database> {
  const pool = openPool(options)

  /** Lends a connection to `work`; one that broke, or that `work` changed permanently, is not reused. */
  async function borrow<T>(work: (client: pg.PoolClient) => Promise<T>, once = false): Promise<T> {
    const client = await pool.connect().catch((error) => Promise.reject(withCode(error)))
    let destroy = once
    try {
      return await work(client)
    } catch (error) {
      destroy ||= isUnavailable(error) || endedBy.has(client)
      throw error
    } finally {
      client.release(destroy)
    }
  }

  async function transaction<T>(
    begin: string,
    work: (transaction: Transaction) => Promise<T>,
  ): Promise<T> {
    return borrow(async (client) => {
      let isOpen = true
      const whileOpen = <R>(action: () => Promise<R>) =>
        isOpen ? action() : Promise.reject(transactionOver())
      try {
        await send(client, begin)
        const result = await work({
          query: (statement) => whileOpen(() => query(client, statement)),
          copyIn: (table, columns, rows) => whileOpen(() => copyIn(client, table, columns, rows)),
        })
        isOpen = false
        const { command } = await send(client, 'commit')
        if (command !== 'COMMIT') throw rolledBack()
        return result
      } catch (error) {
        isOpen = false
        // The connection is returned clean or, if even this fails, as broken.
        if (!isUnavailable(error) && !endedBy.has(client)) await send(client, 'rollback')
        throw error
      }
    })
  }

  const script = (text: string) =>
    borrow(async (client) => {
      // A migration may take its time.
      await send(client, 'set statement_timeout = 0')
      await send(client, 'set transaction_timeout = 0')
      await client
        .query({ text, query_timeout: 3_600_000 } as pg.QueryConfig)
        .catch((error) => Promise.reject(withCode(error)))
    }, true)

  try {
    const { edition, description, release } = await borrow(prepareServer)
    return {
      edition,
      description,
      release,
      maxBatchEvents: 2_000,
      writers: 4,
      query: (statement) => borrow((client) => query(client, statement)),
      transaction: (work) => transaction('begin isolation level read committed', work),
      readAs: (tenant, work) => transaction(beginAs(tenant), (read) => work(asTenantRead(read))),
      script,
      [Symbol.asyncDispose]: () => (pool.ended || pool.ending ? Promise.resolve() : pool.end()),
    }
  } catch (error) {
    await pool.end()
    throw error
  }
}

export interface Server {
  /** As in `server_version_num`. */
  number: number
  version: string
  /** Version of the extension that could be installed. */
  available: string | null
}

/** Why this server cannot be used, for its operator. */
export function serverProblem({ number, version, available }: Server): string | undefined {
  if (number < 170_000) return `PostgreSQL 17 or later is needed; this server is ${version}.`
  if (available !== null) return undefined
  return (
    'TimescaleDB is not installed on this PostgreSQL server: install it (Debian: ' +
    'postgresql-17-timescaledb; Docker: timescale/timescaledb:latest-pg17) and add it to ' +
    'shared_preload_libraries.'
  )
}

async function query<R>(client: pg.PoolClient, statement: Sql): Promise<R[]> {
  const { fields, rows } = await send(client, statement.text, statement.values.map(toParameter))
  return toRows(fields, rows) as R[]
}

/** Why the server ended an idle connection: the driver reports it apart from the next statement. */
const endedBy = new WeakMap<pg.ClientBase, Error>()

async function send(client: pg.PoolClient, text: string, values: (string | null)[] = []) {
  try {
    return await client.query<(string | null)[]>({ text, values, rowMode: 'array', types: asText })
  } catch (error) {
    throw withCode(errorCode(error) === undefined ? (endedBy.get(client) ?? error) : error)
  }
}

async function copyIn(
  client: pg.PoolClient,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly unknown[])[],
): Promise<void> {
  if (rows.length === 0) return
  // Encoded first: a value that cannot be sent must not leave the server waiting mid-COPY.
  const chunks = toCopyText(rows)
  const stream = client.query(copyFrom(copyStatement(table, columns, 'stdin')))
  await new Promise<void>((resolve, reject) => {
    stream.on('finish', resolve)
    stream.on('error', (error) => reject(withCode(error)))
    Readable.from(chunks).pipe(stream)
  })
}

/** The driver reports a lost connection, a timeout and a closed pool without a code. */
function withCode(error: unknown): unknown {
  if (errorCode(error) !== undefined) return error
  return unavailable(error instanceof Error ? error.message : String(error), error)
}

async function prepareServer(
  client: pg.PoolClient,
): Promise<{ edition: Edition; description: string; release: string }> {
  const [server] = await query<Server>(
    client,
    sql`select current_setting('server_version_num')::int as number,
               split_part(current_setting('server_version'), ' ', 1) as version,
               (select default_version from pg_available_extensions where name = 'timescaledb') as available`,
  )
  if (server === undefined) throw unavailable('the server told no version')
  const problem = serverProblem(server)
  if (problem) throw new Error(problem)
  await installExtension(client)
  const [extension] = await query<{ license: string; version: string }>(
    client,
    sql`select current_setting('timescaledb.license') as license, extversion as version
        from pg_extension where extname = 'timescaledb'`,
  )
  const isCommunity = extension?.license === 'timescale'
  return {
    edition: isCommunity ? 'timescale-community' : 'timescale-apache',
    description:
      `TimescaleDB ${extension?.version} ${isCommunity ? 'Community' : 'Apache'} edition ` +
      `on PostgreSQL ${server.version}`,
    release: extension?.version ?? '',
  }
}

async function installExtension(client: pg.PoolClient): Promise<void> {
  const installed = await query(client, sql`select from pg_extension where extname = 'timescaledb'`)
  if (installed.length > 0) return
  try {
    // `if not exists` alone fails when two nodes start at once.
    await send(
      client,
      `begin; set local statement_timeout = 0;
       select pg_advisory_xact_lock(hashtext('timescaledb extension'));
       create extension if not exists timescaledb; commit`,
    )
  } catch (cause) {
    if (isUnavailable(cause)) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(
      `The TimescaleDB extension could not be created: ${reason}. Add it to shared_preload_libraries; ` +
        'creating it may need a superuser: `create extension timescaledb`.',
      { cause },
    )
  }
}
