import type { TenantReads } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Reply } from '@creatorflow/shared/endpoint'
import { exportMinutes, getSummary } from '@creatorflow/shared/features/summary'
import { endOf } from '@creatorflow/shared/live-span'
import type { LiveEntry } from '@creatorflow/shared/live-state'
import { own } from '@creatorflow/shared/own'
import { AppError } from '../../core/errors.ts'
import type { FoldedLives } from '../../eventlog/folded-lives.ts'
import { readFrozen } from '../../eventlog/frozen-lives.ts'
import { whileKept } from '../../eventlog/marks.ts'
import { csvType } from '../../http/csv.ts'
import type { Feature } from '../../http/feature.ts'
import { sendText } from '../../http/send-text.ts'
import { CONFIRMED_WITHIN_MS, type Followers } from '../../live/followers.ts'
import { withRecounting } from '../../pipeline/recount-notes.ts'
import { minuteLines } from './minutes.ts'
import {
  selectConvention,
  selectGifts,
  selectPrevious,
  sumOpeningLikes,
  sumSince,
} from './queries.ts'

interface Deps {
  readonly database: TenantReads
  readonly followers: Followers
  readonly foldedLives: FoldedLives
}

/** The results of a LIVE, once it is over. */
export function createSummaryFeature(deps: Deps): Feature {
  const { database } = deps
  return {
    name: 'summary',
    mount({ router, answer }) {
      answer(router, getSummary, ({ tenant, params }) =>
        readSummary(deps, tenant, params.session_id),
      )

      answer(router, exportMinutes, async ({ tenant, params, response }) => {
        const { live, convention, likes, recounting } = await withRecounting(
          database,
          tenant,
          async () => ({
            live: await readEntry(deps, tenant, params.session_id),
            ...(await database.readAs(tenant, async (read) => ({
              convention: await selectConvention(read, tenant),
              likes: await sumOpeningLikes(read, tenant, params.session_id),
            }))),
          }),
        )
        if (!convention) throw new AppError('not_found', 'Creator not found.')
        const day = new Date(live.started_at).toISOString().slice(0, 16).replace(':', '')
        // Seen before the file is opened; the line in it stays when the file is renamed.
        const name = `live-${day}${recounting ? '-not-final' : ''}.csv`
        const lines = minuteLines(live, convention, likes, recounting)
        await sendText(response, { name, type: csvType }, pieces(lines))
        return undefined
      })
    },
  }
}

async function* pieces(lines: Iterable<string>): AsyncGenerator<string> {
  yield* lines
}

/**
 * A LIVE from the creator's live state, which is immediate for the newest ones; otherwise, or if nobody knows
 * whether that state is current, from the log.
 */
async function readEntry(deps: Deps, tenant: Tenant, sessionId: string): Promise<LiveEntry> {
  const follower = await deps.followers.get(tenant.creatorId).catch((error: unknown) => {
    // The limit of followed creators is reached, or the state is being built: the log has everything.
    if (error instanceof AppError && error.code === 'unavailable') return undefined
    throw error
  })
  const held = follower && own(follower.state.lives, sessionId)
  // Copied: the state changes while the rest is read.
  if (held && performance.now() - follower.confirmedAt <= CONFIRMED_WITHIN_MS) {
    return structuredClone(held)
  }
  const live = await deps.foldedLives.read(tenant, sessionId)
  if (!live) throw new AppError('not_found', 'LIVE not found.')
  return live
}

const droppedWords =
  'Events of this LIVE are no longer kept: totals are complete, but gift and refund details are gone.'

function readSummary(
  deps: Deps,
  tenant: Tenant,
  sessionId: string,
): Promise<Reply<typeof getSummary>> {
  return withRecounting(deps.database, tenant, () => answerOf(deps, tenant, sessionId))
}

async function answerOf(
  deps: Deps,
  tenant: Tenant,
  sessionId: string,
): Promise<Omit<Reply<typeof getSummary>, 'recounting'>> {
  const { database } = deps
  const live = await readEntry(deps, tenant, sessionId)
  const end = endOf(live, Date.now())
  const parts = await whileKept(database, tenant, (keptSince) =>
    database.readAs(tenant, async (read) => {
      const previous = await selectPrevious(read, tenant, live)
      const frozen = await readFrozen(read, tenant, [sessionId], keptSince)
      if (frozen.size > 0) {
        return { previous, since_end: null, gifts: null, unknown: droppedWords }
      }
      const since_end = end === null ? null : await sumSince(read, tenant, sessionId, end)
      const gifts = await selectGifts(read, tenant, sessionId)
      return { previous, since_end, gifts, unknown: null }
    }),
  )
  return { live: { ...live, ended_at: end }, ...parts }
}
