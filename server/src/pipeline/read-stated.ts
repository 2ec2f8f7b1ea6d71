import type { Transaction } from '@creatorflow/db/database'
import { raw, sql } from '@creatorflow/db/sql'
import type { AcceptedEvent } from '../eventlog/accepted-event.ts'
import { type EventRow, eventColumns, fromDatabase } from '../eventlog/event-row.ts'
import { NEVER_SENT } from './restate.ts'

/** The rows of figures that a batch restates, in order, by the id hash of each; `ids` are those already counted. */
export async function readStated(
  tx: Transaction,
  batch: readonly AcceptedEvent[],
  ids: ReadonlyMap<string, string>,
  now: number,
): Promise<Map<string, [EventRow, ...EventRow[]]>> {
  const asked = new Map<string, AcceptedEvent & { readonly ts: number }>()
  for (const event of batch) {
    const { id_hash, revision_hash, incoming } = event
    const { ts = 0 } = incoming
    const known = ids.get(revision_hash)
    if (!ids.has(id_hash) || (known !== undefined && known !== NEVER_SENT)) continue
    // Other times are rejected, and may not be valid for the database.
    if (ts > 0 && ts < now + 86_400_000) asked.set(`${id_hash} ${ts}`, { ...event, ts })
  }
  if (asked.size === 0) return new Map()
  const list = [...asked.values()]
  const times = list.map(({ ts }) => new Date(ts).toISOString())
  const ordered = [...times].sort()
  const rows = await tx.query<Record<string, unknown> & { id_hash: string }>(sql`
    select a.id_hash, e.* from unnest(
      ${list.map(({ id_hash }) => id_hash)}::text[], ${list.map((e) => e.creator_id)}::text[],
      ${list.map(({ incoming }) => incoming.id)}::text[], ${times}::timestamptz[]
    ) as a (id_hash, of_creator, of_id, at) cross join lateral (
      select ${raw(eventColumns.join(', '))} from events
      where creator_id = a.of_creator and id = a.of_id and ts = a.at
        and ts between ${ordered[0]}::timestamptz and ${ordered.at(-1)}::timestamptz
      offset 0
    ) e
    order by e.seq`)
  const found = new Map<string, [EventRow, ...EventRow[]]>()
  for (const { id_hash, ...row } of rows) {
    const known = found.get(id_hash)
    if (known) known.push(fromDatabase(row))
    else found.set(id_hash, [fromDatabase(row)])
  }
  return found
}
