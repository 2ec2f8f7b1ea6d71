import type { Database, Queryable, Transaction } from '@creatorflow/db/database'
import { tablesWithCreator } from '@creatorflow/db/schema'
import { raw, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Creator } from '@creatorflow/shared/creator'
import type { NewCreator } from '@creatorflow/shared/features/creators'
import { isDemoId, isReservedId } from '@creatorflow/shared/reserved-ids'
import { AppError } from '../../core/errors.ts'
import { allowedCreators } from '../../core/rights/authorize.ts'
import type { Principal } from '../../core/rights/principal.ts'

export interface CreatorRow extends Creator {
  readonly created_at: Date
  readonly logo: string | null
}

const columns = sql`id, name, time_zone, currency, locale, kind, created_at,
  (select l.version from creator_logos l where l.creator_id = creators.id) as logo`

/**
 * Adds a creator with its counter row; undefined if the id is taken. Throws `invalid_input` for a reserved
 * id, unless a real creator had it before it was reserved.
 */
export async function insertCreator(
  database: Queryable,
  creator: NewCreator,
): Promise<CreatorRow | undefined> {
  if (isReservedId(creator.id)) {
    const [known] = await selectCreators(database, [creator.id])
    if (known?.kind === 'real') return undefined
    throw new AppError('invalid_input', `The id "${creator.id}" is reserved. Choose another id.`, {
      details: { fields: [{ path: 'id', message: 'is reserved: choose another id' }] },
    })
  }
  return insertRow(database, creator)
}

/** The demo creator; undefined if there is none. Anything else with such an id is never taken for it. */
export async function findDemoCreator(database: Queryable): Promise<CreatorRow | undefined> {
  const rows = await database.query<CreatorRow>(sql`
    select ${columns} from creators where kind = 'demo' and id like 'demo%' order by length(id), id`)
  return rows.find(({ id }) => isDemoId(id))
}

/** Adds the demo creator under the first free reserved id. */
export async function insertDemoCreator(
  database: Queryable,
  creator: Omit<NewCreator, 'id' | 'kind'>,
): Promise<CreatorRow> {
  for (let n = 1; ; n++) {
    const id = n === 1 ? 'demo' : `demo-${n}`
    const row = await insertRow(database, { ...creator, id, kind: 'demo' })
    if (row) return row
  }
}

async function insertRow(
  database: Queryable,
  { id, name, time_zone, currency, locale, kind }: NewCreator,
): Promise<CreatorRow | undefined> {
  const [row] = await database.query<CreatorRow>(sql`
    insert into creators (id, name, time_zone, currency, locale, kind)
    values (${id}, ${name}, ${time_zone}, ${currency}, ${locale}, ${kind})
    on conflict (id) do nothing
    returning ${columns}`)
  // A deleted creator's counter row still exists: its generation is never reused.
  if (row) {
    await database.query(
      sql`insert into counters (creator_id) values (${id}) on conflict (creator_id) do nothing`,
    )
  }
  return row
}

/** The part of a list after a cursor. */
export interface CreatorPage {
  readonly limit: number
  readonly cursor?: string | undefined
}

function selectCreators(
  database: Queryable,
  which: 'all' | readonly string[],
  page?: CreatorPage,
): Promise<CreatorRow[]> {
  const wanted = which === 'all' ? sql`true` : sql`id = any(${which}::text[])`
  const after = page?.cursor === undefined ? undefined : parseCursor(page.cursor)
  return database.query<CreatorRow>(sql`
    select ${columns} from creators where ${wanted}
      ${after ? sql`and (name, id) > (${after.name}::text, ${after.id}::text)` : sql``}
    order by name, id ${page ? sql`limit ${page.limit}::int` : sql``}`)
}

/** Where to continue after a creator of the list. */
export const cursorOf = ({ id, name }: Pick<CreatorRow, 'id' | 'name'>): string => `${id}~${name}`

function parseCursor(cursor: string): { id: string; name: string } {
  const [, id, name] = /^([a-z0-9_-]{1,64})~(\P{Cc}+)$/u.exec(cursor) ?? []
  if (id === undefined || name === undefined || !name.isWellFormed()) {
    throw new AppError('invalid_input', 'cursor must be one from an earlier reply.')
  }
  return { id, name }
}

/** Fails with SQLSTATE 22023 if the database does not know the zone. */
export async function probeTimeZone(database: Queryable, timeZone: string): Promise<void> {
  await database.query(sql`select (now() at time zone ${timeZone}::text)::text as local_time`)
}

/** The creators a principal may read, by name; all of them without a page. */
export function creatorsOf(
  database: Queryable,
  principal: Principal,
  page?: CreatorPage,
): Promise<CreatorRow[]> {
  return selectCreators(database, allowedCreators(principal, 'read'), page)
}

export async function findCreator(
  database: Queryable,
  { creatorId }: Tenant,
): Promise<CreatorRow | undefined> {
  const [row] = await selectCreators(database, [creatorId])
  return row
}

/**
 * What outlives a creator: its generation is never reused, the audit log is kept, and a job processes dirty
 * minutes.
 */
const keptTables: ReadonlySet<string> = new Set(['counters', 'audit_log', 'dirty'])

/**
 * Deletes a creator with everything that belongs to it. Its counter row stays with a higher generation, so no
 * screen takes later data for a continuation. `also` runs in the transaction.
 */
export async function deleteCreator(
  database: Database,
  { creatorId }: Tenant,
  also?: (tx: Transaction) => Promise<void>,
): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query(sql`select 1 from counters where creator_id = ${creatorId} for no key update`)
    for (const table of await tablesWithCreator(tx)) {
      if (keptTables.has(table)) continue
      await tx.query(sql`delete from ${raw(table)} where creator_id = ${creatorId}`)
    }
    await tx.query(sql`delete from creators where id = ${creatorId}`)
    await tx.query(sql`
      update counters set generation = generation + 1, seq = 0,
        lives_guessed_until = null, pins_guessed_until = null
      where creator_id = ${creatorId}`)
    await also?.(tx)
  })
}
