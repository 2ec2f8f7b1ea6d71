import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Silence } from '@creatorflow/shared/features/alerts'

interface SilenceRow {
  readonly id: string
  readonly rule_id: string | null
  readonly until: Date
  readonly made_by: string
  readonly created_at: Date
}

const columns = sql`id, rule_id, until, made_by, created_at`

/** Those that are on. */
export async function selectSilences(
  read: Pick<Queryable, 'query'>,
  { creatorId }: Tenant,
): Promise<Silence[]> {
  const rows = await read.query<SilenceRow>(sql`
    select ${columns} from alert_silences
    where creator_id = ${creatorId} and until > clock_timestamp() order by until, id`)
  return rows.map(shown)
}

/** In place of what the same silence was before. */
export async function insertSilence(
  tx: Queryable,
  { creatorId }: Tenant,
  { rule_id, minutes, by }: { rule_id: string | null; minutes: number; by: string },
): Promise<Silence> {
  await tx.query(sql`
    delete from alert_silences
    where creator_id = ${creatorId}
      and (rule_id is not distinct from ${rule_id}::uuid or until < clock_timestamp())`)
  const [row] = await tx.query<SilenceRow>(sql`
    insert into alert_silences (creator_id, rule_id, until, made_by)
    values (${creatorId}, ${rule_id}::uuid, clock_timestamp() + make_interval(mins => ${minutes}::int), ${by})
    returning ${columns}`)
  if (!row) throw new Error('an insert returned no row')
  return shown(row)
}

export async function deleteSilence(
  tx: Queryable,
  { creatorId }: Tenant,
  id: string,
): Promise<boolean> {
  const rows = await tx.query(sql`
    delete from alert_silences where creator_id = ${creatorId} and id = ${id}::uuid returning 1`)
  return rows.length > 0
}

function shown(row: SilenceRow): Silence {
  return { ...row, until: row.until.toISOString(), created_at: row.created_at.toISOString() }
}
