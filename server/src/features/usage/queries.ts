import type { TenantRead } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { UsageAmounts } from '@creatorflow/shared/features/usage'

export interface UsageMinute extends UsageAmounts {
  readonly at: Date
}

/** Minutes of the last hour with any use, oldest first; nodes added up. */
export function selectMinutes(read: TenantRead): Promise<UsageMinute[]> {
  return read.query<UsageMinute>(sql`
    select minute as at, ${sums} from usage
    where minute > now() - interval '1 hour' group by minute order by minute`)
}

/** The last day in one row: sums, and the most sockets of any minute. */
export async function selectDay(
  read: TenantRead,
): Promise<UsageAmounts & { readonly now: Date; readonly nodes: number }> {
  const [row] = await read.query<UsageAmounts & { now: Date; nodes: number }>(sql`
    select now() as now,
      (select count(distinct node)::int from usage where minute > now() - interval '1 hour') as nodes,
      coalesce(sum(events), 0)::bigint as events,
      coalesce(sum(events_held), 0)::bigint as events_held,
      coalesce(sum(requests), 0)::bigint as requests,
      coalesce(sum(requests_refused), 0)::bigint as requests_refused,
      coalesce(max(sockets), 0)::bigint as sockets,
      coalesce(sum(sockets_refused), 0)::bigint as sockets_refused
    from (
      select minute, ${sums} from usage where minute > now() - interval '1 day' group by minute
    ) m`)
  if (!row) throw new Error('a sum without a row')
  return row
}

const sums = sql`sum(events)::bigint as events, sum(events_held)::bigint as events_held,
  sum(requests)::bigint as requests, sum(requests_refused)::bigint as requests_refused,
  sum(sockets)::bigint as sockets, sum(sockets_refused)::bigint as sockets_refused`
