import { randomUUID } from 'node:crypto'
import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { UsageAmounts } from '@creatorflow/shared/features/usage'
import type { Log } from '../core/log.ts'

/** Use per creator, counted in memory and written each minute. */
export interface UsageCounts extends AsyncDisposable {
  add(creatorId: string, what: keyof UsageAmounts, by: number): void
  /** For simultaneous things, the maximum within a minute. */
  most(creatorId: string, what: keyof UsageAmounts, value: number): void
  /** Writes the counts; what could not be written is written next time. */
  flush(): Promise<void>
}

const FLUSH_MS = 60_000
const KEPT_DAYS = 7
/** Minutes and creators held while the database is away; past it counting stops until some are written. */
const MAX_HELD = 50_000

export const noUsage = (): UsageAmounts => ({
  events: 0,
  events_held: 0,
  requests: 0,
  requests_refused: 0,
  sockets: 0,
  sockets_refused: 0,
})

export function createUsageCounts({
  database,
  log,
  now = Date.now,
}: {
  readonly database: Database
  readonly log: Log
  readonly now?: () => number
}): UsageCounts {
  const node = randomUUID()
  let held = new Map<string, { creatorId: string; minute: number; amounts: UsageAmounts }>()
  let flushing: Promise<void> = Promise.resolve()

  function amountsOf(creatorId: string): UsageAmounts {
    const minute = Math.floor(now() / 60_000)
    const key = `${minute} ${creatorId}`
    const found = held.get(key)
    if (found) return found.amounts
    const amounts = noUsage()
    if (held.size < MAX_HELD) held.set(key, { creatorId, minute, amounts })
    return amounts
  }

  async function write(): Promise<void> {
    const rows = [...held.values()]
    if (rows.length === 0) return
    held = new Map()
    try {
      await upsert(database, node, rows)
    } catch (error) {
      for (const row of rows) {
        const amounts = held.get(`${row.minute} ${row.creatorId}`)?.amounts
        if (amounts) merge(amounts, row.amounts)
        else held.set(`${row.minute} ${row.creatorId}`, row)
      }
      throw error
    }
  }

  function flush(): Promise<void> {
    flushing = flushing
      .then(write)
      .catch((error: unknown) => log.warn({ err: error }, 'failed to write usage'))
    return flushing
  }

  const timer = setInterval(() => void flush(), FLUSH_MS)
  return {
    add(creatorId, what, by) {
      amountsOf(creatorId)[what] += by
    },
    most(creatorId, what, value) {
      const amounts = amountsOf(creatorId)
      amounts[what] = Math.max(amounts[what], value)
    },
    flush,
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await flush()
    },
  }
}

function merge(into: UsageAmounts, from: UsageAmounts): void {
  for (const what of Object.keys(into) as (keyof UsageAmounts)[]) {
    into[what] = what === 'sockets' ? Math.max(into[what], from[what]) : into[what] + from[what]
  }
}

async function upsert(
  database: Database,
  node: string,
  rows: readonly { creatorId: string; minute: number; amounts: UsageAmounts }[],
): Promise<void> {
  const column = (what: keyof UsageAmounts) => rows.map(({ amounts }) => amounts[what])
  // A creator deleted meanwhile leaves nothing behind.
  await database.query(sql`
    insert into usage (creator_id, minute, node, events, events_held, requests, requests_refused,
      sockets, sockets_refused)
    select t.creator_id, to_timestamp(t.minute * 60), ${node}::uuid, t.events, t.events_held,
      t.requests, t.requests_refused, t.sockets, t.sockets_refused
    from unnest(
      ${rows.map(({ creatorId }) => creatorId)}::text[],
      ${rows.map(({ minute }) => minute)}::bigint[],
      ${column('events')}::bigint[], ${column('events_held')}::bigint[],
      ${column('requests')}::bigint[], ${column('requests_refused')}::bigint[],
      ${column('sockets')}::bigint[], ${column('sockets_refused')}::bigint[]
    ) as t (creator_id, minute, events, events_held, requests, requests_refused, sockets, sockets_refused)
    join creators c on c.id = t.creator_id
    on conflict (creator_id, minute, node) do update set
      events = usage.events + excluded.events,
      events_held = usage.events_held + excluded.events_held,
      requests = usage.requests + excluded.requests,
      requests_refused = usage.requests_refused + excluded.requests_refused,
      sockets = greatest(usage.sockets, excluded.sockets),
      sockets_refused = usage.sockets_refused + excluded.sockets_refused`)
  await database.query(
    sql`delete from usage where minute < now() - make_interval(days => ${KEPT_DAYS}::int)`,
  )
}
