import type { Reply } from '@creatorflow/shared/endpoint'
import type { getUsage } from '@creatorflow/shared/features/usage'

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
  const times = (count: number, one: string, many: string) =>
    count === 0 ? null : `${format(count)} ${count === 1 ? one : many}`
  return [
    {
      name: 'Events sent to the API',
      unit: 'per second',
      ...limited(most(({ events }) => events) / 60, limits.events_per_s),
      day: `${format(day.events)} in the last day`,
      refused: times(day.events_held, 'request delayed', 'requests delayed'),
    },
    {
      name: 'Requests',
      unit: 'per second',
      ...limited(most(({ requests }) => requests) / 60, limits.requests_per_s),
      day: `${format(day.requests)} in the last day`,
      refused: times(day.requests_refused, 'refused', 'refused'),
    },
    {
      name: 'Screens',
      unit: 'at once',
      ...limited(
        most(({ sockets }) => sockets),
        limits.sockets,
      ),
      day: `${format(day.sockets)} at once in the last day`,
      refused: times(day.sockets_refused, 'refused', 'refused'),
    },
  ]
}
