import type { Reply } from '@creatorflow/shared/endpoint'
import type { getUsage } from '@creatorflow/shared/features/usage'
import { m } from '#messages'

export interface UsageRow {
  readonly name: string
  readonly unit: string
  /** Most within a minute of the last hour; of rates, as an average of that minute. */
  readonly most: number
  /** Limit of all nodes together; null is none. */
  readonly limit: number | null
  /** `most` of `limit`, 0 to 1; null without a limit. */
  readonly share: number | null
  /** What was used in the last day, in words. */
  readonly day: string
  /** What was held up or refused in the last day, in words; null when nothing was. */
  readonly refused: string | null
}

/** What a creator used, a row for each quota. Limits are of one node: as many nodes hold as many times that. */
export function usageRows(
  { limits, minutes, day, nodes }: Reply<typeof getUsage>,
  format: (value: number) => string,
): readonly UsageRow[] {
  const most = (of: (minute: (typeof minutes)[number]) => number) =>
    minutes.reduce((found, minute) => Math.max(found, of(minute)), 0)
  const limited = (value: number, perNode: number | null) => {
    const limit = perNode === null ? null : perNode * Math.max(1, nodes)
    return { most: value, limit, share: limit === null ? null : Math.min(1, value / limit) }
  }
  const refused = (n: number) => (n === 0 ? null : m.usage_refused({ n, shown: format(n) }))
  return [
    {
      name: m.usage_events_sent_to_api(),
      unit: m.usage_per_second(),
      ...limited(most(({ events }) => events) / 60, limits.events_per_s),
      day: m.usage_events_in_last_day({ events: format(day.events) }),
      refused:
        day.events_held === 0
          ? null
          : m.usage_requests_delayed({ n: day.events_held, shown: format(day.events_held) }),
    },
    {
      name: m.usage_requests(),
      unit: m.usage_per_second(),
      ...limited(most(({ requests }) => requests) / 60, limits.requests_per_s),
      day: m.usage_requests_in_last_day({ requests: format(day.requests) }),
      refused: refused(day.requests_refused),
    },
    {
      name: m.usage_screens(),
      unit: m.usage_at_once(),
      ...limited(
        most(({ sockets }) => sockets),
        limits.sockets,
      ),
      day: m.usage_sockets_at_once_in_last_day({ sockets: format(day.sockets) }),
      refused: refused(day.sockets_refused),
    },
  ]
}
