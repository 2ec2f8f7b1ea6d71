import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { noteProgress } from '../pipeline/recount-notes.ts'

const NOTE_EACH_MS = 1_000

/** Gets finished rows, and records them each second if a note asks for the recount. */
export async function recountProgress(
  database: Queryable,
  tenant: Tenant,
  by: string,
  events: number,
): Promise<(rows: number) => Promise<void>> {
  const [row] = await database.query<{ claims: number }>(
    sql`select count(*)::int as claims from claims where creator_id = ${tenant.creatorId}`,
  )
  // Each event is attributed and counted, each claim compared both ways.
  const total = 2 * events + 2 * (row?.claims ?? 0)
  let done = 0
  let notedAt = performance.now()
  await noteProgress(database, tenant, { by, done, total })
  return async (rows) => {
    done = Math.min(total, done + rows)
    if (performance.now() - notedAt < NOTE_EACH_MS) return
    notedAt = performance.now()
    await noteProgress(database, tenant, { by, done, total })
  }
}
