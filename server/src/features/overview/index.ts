import type { TenantReads } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Query, Reply } from '@creatorflow/shared/endpoint'
import { getOverview } from '@creatorflow/shared/features/overview'
import { cursorOf, selectLives, shownLive } from '../../eventlog/list-lives.ts'
import { whileKept } from '../../eventlog/marks.ts'
import type { Feature } from '../../http/feature.ts'
import { readRecounting } from '../../pipeline/recount-notes.ts'
import { selectTitles } from './queries.ts'
import { readTotals } from './totals.ts'

/** All LIVEs of a creator at a glance. */
export function createOverviewFeature({ database }: { readonly database: TenantReads }): Feature {
  return {
    name: 'overview',
    mount({ router, answer }) {
      answer(router, getOverview, ({ tenant, query }) => readOverview(database, tenant, query))
    },
  }
}

function readOverview(
  database: TenantReads,
  tenant: Tenant,
  query: Query<typeof getOverview>,
): Promise<Reply<typeof getOverview>> {
  return whileKept(database, tenant, (keptSince) =>
    database.readAs(tenant, async (read) => {
      const lives = await selectLives(read, tenant, query)
      const recounting = await readRecounting(read, tenant)
      const oldest = lives.at(-1)
      if (!oldest) return { lives: [], cursor: null, recounting }
      const sessions = lives.map(({ session_id }) => session_id)
      const titles = await selectTitles(read, tenant, sessions)
      const now = Date.now()
      const since = oldest.started_at.getTime()
      const totals = await readTotals(read, tenant, sessions, since, { now, keptSince })
      const titleOf = new Map(titles.map(({ session_id, title }) => [session_id, title]))
      return {
        lives: lives.map((live) => ({
          ...shownLive(live, now),
          title: titleOf.get(live.session_id) ?? null,
          gmv: totals.get(live.session_id)?.gmv ?? 0,
          main_orders: totals.get(live.session_id)?.main_orders ?? 0,
          peak_viewers: totals.get(live.session_id)?.peak_viewers ?? null,
        })),
        cursor: lives.length === query.limit ? cursorOf(oldest) : null,
        recounting,
      }
    }),
  )
}
