import { type Sql, sql } from '@creatorflow/db/sql'

/** Condition that a text may hold one of the needles; an identifier may be written in capitals. */
export function holdsAny(text: Sql, needles: readonly string[]): Sql {
  return sql`exists (select 1 from unnest(${needles}::text[]) needle
    where strpos(${text}, needle) > 0 or strpos(lower(${text}), needle) > 0)`
}
