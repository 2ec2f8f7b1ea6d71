import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database, Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Log } from '../core/log.ts'

/**
 * Gives the database a new identity, and so every creator a new epoch: what screens show may not be in it. Of
 * several nodes that do this at once for the same `from`, one does; returns whether it was this one.
 */
export async function renewIdentity(database: Queryable, from: string): Promise<boolean> {
  const renewed = await database.query(sql`
    update database_identity set id = gen_random_uuid(), replaced = id
    where id = ${from}::uuid returning id::text`)
  return renewed.length > 0
}

/** The database's name for its servers, in places shared with others such as one Redis. */
export async function readInstallation(database: Queryable): Promise<string> {
  const [row] = await database.query<{ installation: string }>(
    sql`select installation::text as installation from database_identity`,
  )
  if (!row) throw new Error('the database has no identity')
  return row.installation
}

/** Whether the identity now follows the given one, and not that of an earlier copy or another database. */
export async function isSuccessor(database: Queryable, of: string): Promise<boolean> {
  const rows = await database.query(
    sql`select from database_identity where id = ${of}::uuid or replaced = ${of}::uuid`,
  )
  return rows.length > 0
}

/**
 * Renews the identity if the database is not where it was at the previous start: someone restored a copy or
 * moved it. A copy of a whole disk with the same file numbers cannot be detected, see docs/OPERATING.md.
 */
export async function renewIdentityOfCopy(
  database: Database,
  { dataDir, log }: { readonly dataDir: string; readonly log: Log },
): Promise<void> {
  const place =
    database.edition === 'embedded' ? await placeOfFolder(dataDir) : await placeOnServer(database)
  if (place === undefined) return
  const [found] = await database.query<{ id: string; place: string | null }>(
    sql`select id::text as id, place from database_identity`,
  )
  if (!found || found.place === place) return
  await database.transaction(async (tx) => {
    const mine = await tx.query(sql`
      update database_identity set place = ${place}
      where id = ${found.id}::uuid and place is not distinct from ${found.place} returning id`)
    if (mine.length === 0 || found.place === null) return
    await renewIdentity(tx, found.id)
    log.warn('the database was copied or moved since the last start: every screen starts afresh')
  })
}

/** Undefined for an in-memory database. */
async function placeOfFolder(dataDir: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(join(dataDir, 'pg/PG_VERSION'))
    return `file ${dev}:${ino}`
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Another cluster, another database in it, or another timeline after a promotion or a recovery. */
async function placeOnServer(database: Queryable): Promise<string | undefined> {
  const [may] = await database.query<{ all: boolean }>(sql`
    select has_function_privilege('pg_control_system()', 'execute')
      and has_function_privilege('pg_control_checkpoint()', 'execute') as all`)
  if (!may?.all) return undefined
  const [row] = await database.query<{ place: string }>(sql`
    select concat_ws(' ', 'cluster', s.system_identifier::text, 'timeline', c.timeline_id::text,
      'database', (select oid::text from pg_database where datname = current_database())) as place
    from pg_control_system() s, pg_control_checkpoint() c`)
  return row?.place
}
