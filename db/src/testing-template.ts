// On a server the extension and the migrations take seconds, a copy of a migrated database a tenth of one.
import pg from 'pg'
import { administer, createTestDatabase, type TestDatabase } from '../../scripts/test/backends.ts'
import { migrate, serverSchemaHash } from './migrate.ts'
import { openTimescale } from './timescale.ts'

const templates = new Map<string, Promise<string>>()

/** A migrated database for one test, on the server of `url`. */
export async function createMigratedDatabase(url: string): Promise<TestDatabase> {
  const template = templates.get(url) ?? makeTemplate(url)
  templates.set(url, template)
  const own = await createTestDatabase(url, await template)
  try {
    // Otherwise all copies would be one installation to anything they share, such as a Redis.
    await administer(
      own.url,
      'update database_identity set id = gen_random_uuid(), installation = gen_random_uuid()',
    )
    return own
  } catch (error) {
    await own.drop()
    throw error
  }
}

/** The name of a migrated database without connections; made once for all processes and runs. */
async function makeTemplate(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query(`select pg_advisory_lock(hashtext('creatorflow test template'))`)
    const { rows } = await client.query(
      `select default_version as version from pg_available_extensions where name = 'timescaledb'`,
    )
    const ending = `_${serverSchemaHash(rows[0]?.version)}`
    const found = await client.query(
      `select datname as name from pg_database where datname like 'template\\_%' and datname like '%' || $1`,
      [ending],
    )
    if (found.rows.length > 0) return found.rows[0].name
    const made = await createTestDatabase(url)
    const database = await openTimescale({ url: made.url })
    await migrate(database).finally(() => database[Symbol.asyncDispose]())
    const making = new URL(made.url).pathname.slice(1)
    // Only a database without connections can be copied, and TimescaleDB's own workers would reconnect.
    await client.query(`alter database ${making} allow_connections false`)
    await client.query(
      `select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = '${making}'`,
    )
    const name = `template_${Date.now().toString(36)}${ending}`
    await client.query(`alter database ${making} rename to ${name}`)
    return name
  } finally {
    await client.end()
  }
}
