import type { TenantRead, TenantReads } from '@creatorflow/db/database'
import { raw, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { type EventRow, eventColumns, fromDatabase } from '../../eventlog/event-row.ts'
import { sentEvent } from '../../eventlog/stored-event.ts'

/** Rows of one read, so that a long log holds up nobody. */
const PAGE_ROWS = 1_000

/** What is kept apart from an event, and goes back into it. */
interface Apart {
  readonly text: string | null
  readonly handle: string | null
  readonly name: string | null
}

/** Every event of a creator as its sender could have written it, a line each: what was only derived is left out. */
export async function* exportedLines(
  database: TenantReads,
  tenant: Tenant,
): AsyncGenerator<string> {
  for (let seq = 0; ; ) {
    const rows = await database.readAs(tenant, (read) => selectPage(read, tenant, seq))
    yield rows.map((row) => `${JSON.stringify(asSent(row))}\n`).join('')
    if (rows.length < PAGE_ROWS) return
    seq = rows.at(-1)?.seq ?? seq
  }
}

function asSent(row: EventRow & Apart) {
  const { text, handle, name, revision } = row
  const { incoming } = sentEvent(row)
  const user = { ...(handle !== null && { handle }), ...(name !== null && { name }) }
  return {
    ...incoming,
    ts: new Date(row.ts).toISOString(),
    ...(revision !== null && { revision }),
    ...(Object.keys(user).length > 0 && { user }),
    ...(text !== null && { properties: { ...incoming.properties, text } }),
  }
}

/** A LIVE, pin or currency that the sender did not name is found again when the file is imported. */
async function selectPage(read: TenantRead, { creatorId }: Tenant, after: number) {
  const rows = await read.query<Apart & Record<string, unknown>>(sql`
    select ${raw(eventColumns.map((column) => `e.${column}`).join(', '))}, c.text, p.handle, p.name
    from events e
    left join comments c
      on c.creator_id = e.creator_id and c.event_id = e.id and e.type = 'comment'
    -- A name on every tap would double the file.
    left join people p
      on p.creator_id = e.creator_id and p.user_id = e.user_id and e.type not in ('like', 'viewer_joined')
    where e.creator_id = ${creatorId} and e.seq > ${after}::bigint
    order by e.seq limit ${PAGE_ROWS}::int`)
  return rows.map((row) => ({ ...row, ...fromDatabase(row) }))
}
