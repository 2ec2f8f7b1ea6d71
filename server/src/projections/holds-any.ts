import { type Sql, sql } from '@creatorflow/db/sql'

/** Condition that a text may contain one of the needles, in any case. */
export function holdsAny(text: Sql, needles: readonly string[]): Sql {
  return sql`exists (select 1 from unnest(${needles}::text[]) needle
    where strpos(${text}, needle) > 0 or strpos(lower(${text}), needle) > 0)`
}
