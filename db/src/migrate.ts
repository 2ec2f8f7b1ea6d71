import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { aggregatesScript, dropTenantViews, POLICIES, policiesScript } from './aggregates.ts'
import { type Database, type Edition, errorCode } from './database.ts'
import { sql } from './sql.ts'
import { tenantViewsScript } from './tenant-views.ts'

export interface Migration {
  readonly name: string
  readonly text: string
  readonly checksum: string
}

export interface MigrateOptions {
  log?: (message: string) => void
  /** Replaces the project's migrations, for tests. */
  migrations?: readonly Migration[]
}

const root = join(import.meta.dirname, '..')

// What an edition needs around the migrations. Each script can run again, and does when it changed.
const timescaleScripts = { before: [], after: ['timescale/hypertable.sql'] }
const editionScripts: Record<Edition, { before: string[]; after: string[] }> = {
  'timescale-community': timescaleScripts,
  'timescale-apache': timescaleScripts,
  embedded: { before: ['embedded/time_bucket.sql'], after: [] },
}

/** Brings the schema up to date, forward only; any number of nodes may do so at once. */
export async function migrate(database: Database, options: MigrateOptions = {}): Promise<void> {
  const { log = () => {}, migrations = readMigrations() } = options
  const scripts = editionScripts[database.edition]
  await createLedger(database)
  await refuseOtherHistory(database, migrations)

  // Read once: almost every start finds all of them applied.
  const progress: Progress = { applied: await appliedMigrations(database), log }
  for (const name of scripts.before) await runAgainWhenChanged(database, readScript(name), progress)
  // PostgreSQL changes no column that a view reads. The views follow the migrations and are re-created below.
  for (const migration of migrations) await run(database, migration, progress, dropTenantViews)
  const after = [
    ...scripts.after.map(readScript),
    ...historyScripts(database.edition, database.release),
  ]
  after.push(tenantViews(migrations, after))
  for (const script of after) await runAgainWhenChanged(database, script, progress)
  // A node of another release may have migrated meanwhile.
  await refuseOtherHistory(database, migrations)
}

/** The project's migrations in order. */
export function readMigrations(): Migration[] {
  return readdirSync(join(root, 'migrations'))
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => ({ ...readScript(`migrations/${file}`), name: file }))
}

/** Everything that decides what a migrated embedded database looks like, as one short text. */
export function embeddedSchemaHash(): string {
  const scripts = [...editionScripts.embedded.before, ...editionScripts.embedded.after]
  return hashOf([...scripts.map(readScript), ...readMigrations(), ...historyScripts('embedded')])
}

/** The same for a server with that release of TimescaleDB, whatever its edition. */
export function serverSchemaHash(release: string): string {
  const { after } = timescaleScripts
  const history = (['timescale-apache', 'timescale-community'] as const).flatMap((edition) =>
    historyScripts(edition, release),
  )
  return hashOf([...after.map(readScript), ...readMigrations(), ...history], release)
}

function hashOf(scripts: readonly Migration[], more = ''): string {
  const all = [...scripts, tenantViews([], scripts)]
  const lines = all.map(({ name, checksum }) => `${name} ${checksum}`)
  return checksumOf([...lines, more].join('\n')).slice(0, 16)
}

/** Written by the program: each edition has the same aggregates in its own form. */
function historyScripts(edition: Edition, release = ''): Migration[] {
  const scripts = [toMigration('history/aggregates', aggregatesScript(edition))]
  if (edition !== 'timescale-community') return scripts
  return [...scripts, toMigration(POLICIES, policiesScript(release))]
}

/** Views over tables and aggregates: re-created after either changed. */
function tenantViews(...below: (readonly Migration[])[]): Migration {
  return toMigration('tenant/views', tenantViewsScript(below.flat().map((one) => one.checksum)))
}

/** A migration from its text. */
export function toMigration(name: string, text: string): Migration {
  return { name, text, checksum: checksumOf(text) }
}

function readScript(name: string): Migration {
  // A checkout may have changed the line endings.
  return toMigration(name, readFileSync(join(root, name), 'utf8').replaceAll('\r\n', '\n'))
}

function checksumOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

// One script is one transaction that starts with the same lock: nodes that start together take turns.
const lock = `select pg_advisory_xact_lock(hashtext('creatorflow migrations'));`

async function createLedger(database: Database): Promise<void> {
  await database.script(`${lock}
    create table if not exists schema_migrations (
      name       text primary key,
      checksum   text not null,
      applied_at timestamptz not null default now()
    );`)
}

interface Progress {
  /** Checksums by name. */
  applied: ReadonlyMap<string, string>
  readonly log: (message: string) => void
}

/** `replaces`: statement that removes the row of an older version, for scripts that may change. */
async function run(
  database: Database,
  { name, checksum, text }: Migration,
  progress: Progress,
  replaces = '',
) {
  const isApplied = () => progress.applied.get(name) === checksum
  if (isApplied()) return
  try {
    await database.script(
      `${lock}${replaces}
       insert into schema_migrations (name, checksum) values ('${name}', '${checksum}');\n${text}`,
    )
  } catch (error) {
    // Another node had the lock first: its row stops this script before any of it has run.
    if (errorCode(error) === '23505') {
      progress.applied = await appliedMigrations(database)
      if (isApplied()) return
    }
    throw failed(name, error)
  }
  // It may also have removed rows of others, to have them run again.
  progress.applied = await appliedMigrations(database)
  progress.log(`migrated: ${name}`)
}

async function runAgainWhenChanged(database: Database, script: Migration, progress: Progress) {
  const { name, checksum } = script
  const replaces = ` delete from schema_migrations where name = '${name}' and checksum <> '${checksum}';`
  await run(database, script, progress, replaces)
}

async function appliedMigrations(database: Database): Promise<Map<string, string>> {
  const rows = await database.query<{ name: string; checksum: string }>(
    sql`select name, checksum from schema_migrations order by name`,
  )
  return new Map(rows.map(({ name, checksum }) => [name, checksum]))
}

async function refuseOtherHistory(database: Database, migrations: readonly Migration[]) {
  const known = new Map(migrations.map(({ name, checksum }) => [name, checksum]))
  for (const [name, checksum] of await appliedMigrations(database)) {
    // Names with a folder are scripts of an edition, which may change.
    if (name.includes('/')) continue
    const expected = known.get(name)
    if (expected === undefined)
      throw new Error(
        `The database has the migration ${name} from a newer release. ` +
          'Start that release, or restore a backup from before it.',
      )
    if (expected !== checksum)
      throw new Error(
        `The migration ${name} differs from the one applied to this database. ` +
          'Restore the original file and add a new migration instead.',
      )
  }
}

function failed(name: string, error: unknown): Error {
  const code = errorCode(error)
  const reason = error instanceof Error ? error.message : String(error)
  return Object.assign(
    new Error(`${name} failed: ${reason}`, { cause: error }),
    code ? { code } : {},
  )
}
