import type { TenantReads } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Reply } from '@creatorflow/shared/endpoint'
import { exportMinutes, getSummary } from '@creatorflow/shared/features/summary'
import { endOf } from '@creatorflow/shared/live-span'
import type { LiveEntry } from '@creatorflow/shared/live-state'
import { AppError } from '../../errors.ts'
import type { Feature } from '../../http/feature.ts'
import { sendText } from '../../http/send-text.ts'
import { readLiveEntry } from '../../live/read-live.ts'
import { readFrozen } from '../../retention/frozen-lives.ts'
import { whileKept } from '../../retention/marks.ts'
import { minuteLines } from './minutes.ts'
import { selectConvention, selectGifts, selectPrevious, sumSince } from './queries.ts'

/** What a LIVE came to, once it is over. */
export function createSummaryFeature({ database }: { readonly database: TenantReads }): Feature {
  return {
    name: 'summary',
    mount({ router, answer }) {
      answer(router, getSummary, ({ tenant, params }) =>
        readSummary(database, tenant, params.session_id),
      )

      answer(router, exportMinutes, async ({ tenant, params, response }) => {
        const live = await readEntry(database, tenant, params.session_id)
        const convention = await database.readAs(tenant, (read) => selectConvention(read, tenant))
        if (!convention) throw new AppError('not_found', 'There is no such creator.')
        const day = new Date(live.started_at).toISOString().slice(0, 16).replace(':', '')
        const file = { name: `live-${day}.csv`, type: 'text/csv; charset=utf-8' }
        await sendText(response, file, pieces(minuteLines(live, convention)))
        return undefined
      })
    },
  }
}

async function* pieces(lines: Iterable<string>): AsyncGenerator<string> {
  yield* lines
}

async function readEntry(
  database: TenantReads,
  tenant: Tenant,
  sessionId: string,
): Promise<LiveEntry> {
  const live = await readLiveEntry(database, tenant, sessionId)
  if (!live) throw new AppError('not_found', 'There is no such LIVE.')
  return live
}

const droppedWords =
  'Events of this LIVE were dropped when they grew too old: its totals stay, its single gifts and refunds do not.'

async function readSummary(
  database: TenantReads,
  tenant: Tenant,
  sessionId: string,
): Promise<Reply<typeof getSummary>> {
  const live = await readEntry(database, tenant, sessionId)
  const end = endOf(live, Date.now())
  const { previousId, ...parts } = await whileKept(database, tenant, (keptSince) =>
    database.readAs(tenant, async (read) => {
      const previousId = await selectPrevious(read, tenant, live)
      const frozen = await readFrozen(read, tenant, [sessionId], keptSince)
      if (frozen.size > 0) {
        return { previousId, since_end: null, gifts: null, unknown: droppedWords }
      }
      const since_end = end === null ? null : await sumSince(read, tenant, sessionId, end)
      const gifts = await selectGifts(read, tenant, sessionId)
      return { previousId, since_end, gifts, unknown: null }
    }),
  )
  const previous =
    previousId === undefined ? undefined : await readLiveEntry(database, tenant, previousId)
  return { live, previous: previous ?? null, ...parts }
}
