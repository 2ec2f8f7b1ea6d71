import type { TenantRead, TenantReads } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { given } from '../../eventlog/event-row.ts'

/** Rows of one read, so that a long log holds up nobody. */
const PAGE_ROWS = 1_000

interface ExportedRow extends Record<string, unknown> {
  readonly seq: number
  readonly ts: Date
  readonly text: string | null
  readonly properties: object | null
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

function asSent({ seq: _, ts, text, properties, handle, name, ...row }: ExportedRow) {
  const user = { ...(handle !== null && { handle }), ...(name !== null && { name }) }
  const all = {
    ...row,
    ts: ts.toISOString(),
    user: Object.keys(user).length > 0 ? user : null,
    properties: text === null ? properties : { ...properties, text },
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null))
}

/** A LIVE, pin or currency that the sender did not name is found again when the file is imported. */
function selectPage(read: TenantRead, { creatorId }: Tenant, after: number) {
  return read.query<ExportedRow>(sql`
    select e.seq, e.ts, e.id, e.revision, e.type,
      case when e.attribution = 'session' then e.session_id end as session_id,
      e.channel, e.traffic_source, e.order_id, e.product_id, e.sku_id, e.customer_id, e.user_id, e.video_id,
      case when coalesce(e.given, ${given.pin}) & ${given.pin} > 0 then e.pin_id end as pin_id,
      e.amount, case when coalesce(e.given, ${given.currency}) & ${given.currency} > 0 then e.currency end as currency,
      e.quantity, e.properties, c.text, p.handle, p.name
    from events e
    left join comments c
      on c.creator_id = e.creator_id and c.event_id = e.id and e.type = 'comment'
    -- A name on every tap would double the file.
    left join people p
      on p.creator_id = e.creator_id and p.user_id = e.user_id and e.type not in ('like', 'viewer_joined')
    where e.creator_id = ${creatorId} and e.seq > ${after}::bigint
    order by e.seq limit ${PAGE_ROWS}::int`)
}
