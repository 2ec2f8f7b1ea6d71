import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { AuditAction, AuditEntry } from '@creatorflow/shared/features/audit'
import { ofCreators } from '../creators/of-creators.ts'

export interface AuditQuestion {
  readonly creators: 'all' | readonly string[]
  readonly creatorId: string | undefined
  readonly action: AuditAction | undefined
  readonly from: Date | undefined
  readonly to: Date | undefined
}

interface AuditRow {
  readonly id: number
  readonly at: Date
  readonly actor_kind: AuditEntry['actor']['kind']
  readonly actor_id: string | null
  readonly actor_name: string
  readonly address: string | null
  readonly creator_id: string | null
  readonly action: AuditAction
  readonly target: string | null
  readonly details: Record<string, unknown>
}

/** Entries before a cursor, newest first. */
export async function auditEntries(
  database: Queryable,
  { creators, creatorId, action, from, to }: AuditQuestion,
  before: number | undefined,
  limit: number,
): Promise<AuditEntry[]> {
  const rows = await database.query<AuditRow>(sql`
    select id, at, actor_kind, actor_id, actor_name, address, creator_id, action, target, details
    from audit_log where ${ofCreators(creators)}
      ${creatorId === undefined ? sql`` : sql`and creator_id = ${creatorId}`}
      ${action === undefined ? sql`` : sql`and action = ${action}`}
      ${from === undefined ? sql`` : sql`and at >= ${from}`}
      ${to === undefined ? sql`` : sql`and at < ${to}`}
      ${before === undefined ? sql`` : sql`and id < ${before}::bigint`}
    order by id desc limit ${limit}::int`)
  return rows.map(({ actor_kind, actor_id, actor_name, at, ...row }) => ({
    ...row,
    at: at.toISOString(),
    actor: { kind: actor_kind, id: actor_id, name: actor_name },
  }))
}
