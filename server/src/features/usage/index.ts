import type { TenantReads } from '@creatorflow/db/database'
import { getUsage } from '@creatorflow/shared/features/usage'
import type { Feature } from '../../http/feature.ts'
import type { QuotaLimits } from '../../quotas/quotas.ts'
import { selectDay, selectMinutes } from './queries.ts'

/** What a creator uses of its quotas, by REST. */
export function createUsageFeature({
  database,
  config,
}: {
  readonly database: TenantReads
  readonly config: QuotaLimits
}): Feature {
  const orNull = (limit: number) => (limit === 0 ? null : limit)
  return {
    name: 'usage',
    mount({ router, answer }) {
      answer(router, getUsage, ({ tenant }) =>
        database.readAs(tenant, async (read) => {
          const minutes = await selectMinutes(read)
          const { now, nodes, ...day } = await selectDay(read)
          return {
            at: now.toISOString(),
            limits: {
              events_per_s: orNull(config.maxEventsPerSPerCreator),
              requests_per_s: orNull(config.maxRequestsPerSPerCreator),
              sockets: orNull(config.maxSocketsPerCreator),
            },
            nodes,
            minutes: minutes.map(({ at, ...amounts }) => ({ ...amounts, at: at.toISOString() })),
            day,
          }
        }),
      )
    },
  }
}
