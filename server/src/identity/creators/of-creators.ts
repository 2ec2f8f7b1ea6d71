import { type Sql, sql } from '@creatorflow/db/sql'

/** Condition on `creator_id`: rows for all creators (null) are only for those who may see all. */
export function ofCreators(creators: 'all' | readonly string[]): Sql {
  return creators === 'all' ? sql`true` : sql`creator_id = any(${creators}::text[])`
}
