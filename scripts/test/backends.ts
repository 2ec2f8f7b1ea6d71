// What a test may run on. Server addresses are found once per run, in global-setup.ts.
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { isLongRun } from './long-run.ts'

export type DatabaseName = 'embedded' | 'timescale' | 'community'
export interface Backends {
  /** No `url` for the embedded one. */
  databases: { name: DatabaseName; url?: string }[]
  buses: { name: 'in-process' | 'redis'; url?: string }[]
  browser?: string
  /** Whether a test may mount a small disk. */
  canMount: boolean
  /** One sentence each: what is missing and how to get it. */
  notRun: string[]
}

declare module 'vitest' {
  interface ProvidedContext {
    backends: Backends
  }
}

/** Every available edition: for what a database itself decides, such as its SQL and its failures. */
export const editions = () => inject('backends').databases
/** For everything else: the embedded edition; in a long run every one. */
export const databases = () => (isLongRun() ? editions() : editions().slice(0, 1))
export const buses = () => inject('backends').buses
export const canMountDisk = () => inject('backends').canMount
export const browserPath = () => inject('backends').browser

/**
 * Whether this run treats the machine as one with nothing installed. A test that does not depend on services
 * is skipped there: it is in the run with services.
 */
export const hidesServices = () => process.env.TEST_WITHOUT_SERVICES === '1'

/** Where copies of embedded databases live; the run removes them at its end. */
export const folderOfCopies = () => process.env.TEST_COPIES

export interface TestDatabase extends AsyncDisposable {
  readonly url: string
  drop(): Promise<void>
}

/** An empty database for one test, on the server of `url`; or a copy of one without connections. */
export async function createTestDatabase(
  url: string,
  template = 'template0',
): Promise<TestDatabase> {
  const name = `test_${Date.now().toString(36)}_${randomBytes(4).toString('hex')}`
  await administer(url, `create database ${name} template ${template}`)
  const own = new URL(url)
  own.pathname = `/${name}`
  const drop = () => administer(url, `drop database if exists ${name} with (force)`).then(() => {})
  return { url: own.href, drop, [Symbol.asyncDispose]: drop }
}

/** A database whose test was killed stays behind, and so does each template. One this old is unused. */
export async function dropForgottenDatabases(url: string) {
  const olderThanMs = { test: 2 * 3_600_000, template: 24 * 3_600_000 }
  const found = await administer(
    url,
    "select datname from pg_database where datname ~ '^(test|template)_'",
  )
  for (const { datname } of found.rows as { datname: string }[]) {
    const [kind, created = ''] = datname.split('_')
    const age = Date.now() - Number.parseInt(created, 36)
    if (age > olderThanMs[kind === 'test' ? 'test' : 'template'])
      await administer(url, `drop database if exists ${datname} with (force)`)
  }
}

export async function administer(url: string, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  // A test may end the server while this waits: the query's own error says enough.
  client.on('error', () => {})
  await client.connect()
  try {
    return await client.query(sql)
  } finally {
    await client.end()
  }
}
