import type { Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { LiveEntry, LiveState } from '@creatorflow/shared/live-state'
import { holdsAny } from '../../projections/holds-any.ts'
import type { Identifiers, Person } from '../../projections/identifiers.ts'

/** The fold of dropped events names people in recent happenings, and in a LIVE's title. Returns how much changed. */
export async function eraseInKept(
  tx: Transaction,
  { creatorId }: Tenant,
  person: Person,
  identifiers: Identifiers,
): Promise<number> {
  let changed = 0
  const ids = [...identifiers.needles, ...person.orders.keys()]
  const mention = sql`creator_id = ${creatorId} and ${holdsAny(sql`state::jsonb::text`, ids)}`
  const lives = await tx.query<{ session_id: string; until: Date; state: LiveEntry }>(
    sql`select session_id, until, state from frozen_lives where ${mention}`,
  )
  for (const { session_id, until, state } of lives) {
    const { live, n } = redactedLive(state, person, identifiers)
    changed += n
    await tx.query(sql`
      update frozen_lives set state = ${JSON.stringify(live)}::json
      where creator_id = ${creatorId} and session_id = ${session_id} and until = ${until.toISOString()}::timestamptz`)
  }
  const bases = await tx.query<{ until: Date; state: LiveState }>(
    sql`select until, state from log_bases where ${mention}`,
  )
  for (const { until, state } of bases) {
    for (const [id, entry] of Object.entries(state.lives)) {
      const { live, n } = redactedLive(entry, person, identifiers)
      state.lives[id] = live
      changed += n
    }
    await tx.query(sql`
      update log_bases set state = ${JSON.stringify(state)}::json
      where creator_id = ${creatorId} and until = ${until.toISOString()}::timestamptz`)
  }
  await renameDropped(tx, creatorId, identifiers, ids)
  return changed
}

function redactedLive(
  entry: LiveEntry,
  person: Person,
  { redact, redactId }: Identifiers,
): { live: LiveEntry; n: number } {
  let n = 0
  const recent = Object.fromEntries(
    Object.entries(entry.recent).map(([key, happening]) => {
      const isTheirs = happening.user_id === person.userId
      // Whose an event of an order was is not told here: its id may have the order's in it.
      const id = isTheirs || happening.user_id === undefined ? redactId(key) : key
      if (!isTheirs && id === key) return [key, happening]
      n++
      return [id, { ...happening, id, ...(isTheirs && { user_id: person.pseudonym }) }]
    }),
  )
  const title = entry.title === undefined ? undefined : redact(entry.title)
  if (title !== entry.title) n++
  // Fold 1 had none.
  const marks = (entry.marks ?? []).map((mark) => {
    const label = mark.kind === 'note' && mark.label !== undefined ? redact(mark.label) : mark.label
    if (label !== mark.label) n++
    return { ...mark, ...(label !== undefined && { label }) }
  })
  return { live: { ...entry, recent, marks, ...(title !== undefined && { title }) }, n }
}

/** Ids of dropped events wait here to be deleted. */
async function renameDropped(
  tx: Transaction,
  creatorId: string,
  { redactId }: Identifiers,
  ids: readonly string[],
): Promise<void> {
  const rows = await tx.query<{ event_id: string }>(sql`
    select event_id from dropped_ids
    where creator_id = ${creatorId} and ${holdsAny(sql`event_id`, ids)}`)
  for (const { event_id } of rows) {
    const after = redactId(event_id)
    if (after === event_id) continue
    // Deleting it would keep the hash of the id a little longer; a new name does the same and leaves no
    // trace.
    await tx.query(sql`
      update dropped_ids set event_id = ${after} where creator_id = ${creatorId} and event_id = ${event_id}`)
  }
}
