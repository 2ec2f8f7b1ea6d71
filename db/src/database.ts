import type { Sql } from './sql.ts'
import type { Tenant } from './tenant.ts'

declare const asTenant: unique symbol

/** The kind of database: decides continuous aggregates and policies, nothing else. */
export type Edition = 'timescale-community' | 'timescale-apache' | 'embedded'

/**
 * A row as both drivers return it: `bigint` columns are numbers (an error past 2^53), `timestamptz` are
 * `Date`, `jsonb` is parsed, `bytea` is a `Uint8Array`. `date`, `interval` and `numeric` are never selected
 * raw: cast them to text or float8 in the statement.
 */
export type Row = Record<string, unknown>

export interface Queryable {
  /** Runs one statement and returns its rows. Rejects with an error that has PostgreSQL's `code`. */
  query<R = Row>(statement: Sql): Promise<R[]>
}

export interface Transaction extends Queryable {
  /**
   * COPYs rows into a table. Values: string, number (finite), bigint, boolean, Date, Uint8Array,
   * plain object or array (sent as JSON), null/undefined (NULL).
   */
  copyIn(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly unknown[])[],
  ): Promise<void>
}

/** What `Database.readAs` lends: it sees one creator's rows, and no table. */
export interface TenantRead extends Queryable {
  readonly [asTenant]: true
}

/** The port to the database: PostgreSQL 17 with TimescaleDB, or the embedded one. SQL above it is written once. */
export interface Database extends Queryable, AsyncDisposable {
  readonly edition: Edition
  /** One line for the log: edition and versions. */
  readonly description: string
  /** Version of TimescaleDB; undefined when embedded. */
  readonly release?: string
  /** Largest batch for one transaction, in events: the embedded database blocks its thread. */
  readonly maxBatchEvents: number
  /** How many parallel transactions make sense: 1 if embedded. */
  readonly writers: number
  /** BEGIN (READ COMMITTED), work, COMMIT; rolls back when `work` throws. */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>
  /**
   * Reads one creator's rows, all as of one moment: the second wall. It has the rights of a role without a
   * grant on any table and reads through that creator's views only, whatever the statement says.
   */
  readAs<T>(tenant: Tenant, work: (read: TenantRead) => Promise<T>): Promise<T>
  /** Runs a script of several statements, outside of a transaction. */
  script(text: string): Promise<void>
}

/** A database for requests: it has no query without a tenant. */
export type TenantReads = Pick<Database, 'edition' | 'readAs'>

/**
 * SQLSTATE classes that mean "unavailable": connection lost, starting, shutting down, out of resources. Not
 * 08P01, which also means a wrong number of values.
 */
export function isUnavailable(error: unknown): boolean {
  const code = errorCode(error)
  if (code === undefined) return false
  return (
    isDiskFull(error) ||
    /^(08(?!P01)|53|57P0)/.test(code) ||
    [
      // A standby, or a read-only database.
      '25006',
      'ECONNREFUSED',
      'ECONNRESET',
      'EPIPE',
      'ETIMEDOUT',
      'ENOTFOUND',
      'EAI_AGAIN',
      'ENOENT',
      'DATABASE_UNAVAILABLE',
    ].includes(code)
  )
}

/** Errors that may pass on retry: a lost connection, a timeout, a lock held by someone else. */
export function isTransient(error: unknown): boolean {
  const code = errorCode(error) ?? ''
  return isUnavailable(error) || ['25P03', '40001', '40P01', '55P03', '57014'].includes(code)
}

/** The `code` of a database or socket error, the same for both drivers. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** The error of an unavailable database, for causes without a driver code. */
export function unavailable(message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code: 'DATABASE_UNAVAILABLE' })
}

/** PostgreSQL answers COMMIT with ROLLBACK if a statement failed and its error was swallowed. */
export function rolledBack(): Error {
  return Object.assign(new Error('a statement had failed: the transaction was rolled back'), {
    code: '25P02',
  })
}

/** For a statement sent to a finished transaction: it would run outside of any, or in another one. */
export function transactionOver(): Error {
  return Object.assign(new Error('the transaction is over'), { code: '25P01' })
}

/** The error of a full disk, with PostgreSQL's own code. */
export function diskFull(cause?: unknown): Error {
  return Object.assign(new Error('the disk of the database is full', { cause }), { code: '53100' })
}

/** Whether an error means a full disk. */
export function isDiskFull(error: unknown): boolean {
  const code = errorCode(error)
  if (code === '53100' || code === 'ENOSPC') return true
  return error instanceof Error && error.message.includes('No space left on device')
}
