import { type Sql, sql } from '@creatorflow/db/sql'
import type { PinRow } from './pins.ts'
import { instant, type Projection } from './projection.ts'

/** When products were pinned and unpinned. */
export const pinMarks: Projection = {
  table: 'pin_marks',
  personal: [],
  write: ({ pins }) => [insertPins(pins)],
  rederived: {
    columns: ['creator_id', 'session_id', 'at', 'id', 'product_id'],
    rows: ({ pins }) => pins,
    isReplaced: (_, keptSince) => sql`at >= ${keptSince}::timestamptz`,
  },
  rebuilt: {
    columns: ['session_id', 'at', 'id', 'product_id'],
    isCompared: sql`at >= (select kept_since from retention)`,
    rows: (creatorId) => sql`
      select session_id, ts, id, case type when 'product_pinned' then product_id end from events
      where creator_id = ${creatorId} and type in ('product_pinned', 'product_unpinned')
        and session_id is not null`,
  },
}

function insertPins(pins: readonly PinRow[]): Sql | undefined {
  if (pins.length === 0) return undefined
  return sql`
    insert into pin_marks (creator_id, session_id, at, id, product_id)
    select * from unnest(
      ${pins.map((p) => p.creator_id)}::text[],
      ${pins.map((p) => p.session_id)}::text[],
      ${pins.map((p) => instant(p.at))}::timestamptz[],
      ${pins.map((p) => p.id)}::text[],
      ${pins.map((p) => p.product_id)}::text[]
    )`
}
