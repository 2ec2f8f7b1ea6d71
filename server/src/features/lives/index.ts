import type { TenantReads } from '@creatorflow/db/database'
import { getLive, getLiveState, listLives } from '@creatorflow/shared/features/live'
import { AppError } from '../../core/errors.ts'
import type { FoldedLives } from '../../eventlog/folded-lives.ts'
import { cursorOf, selectLives, shownLive } from '../../eventlog/list-lives.ts'
import type { Feature } from '../../http/feature.ts'
import { CONFIRMED_WITHIN_MS, type Followers } from '../../live/followers.ts'
import { readRecounting, withRecounting } from '../../pipeline/recount-notes.ts'

/** The live state and single LIVEs over REST, for callers without a socket. */
export function createLivesFeature({
  database,
  followers,
  foldedLives,
}: {
  readonly database: TenantReads
  readonly followers: Followers
  readonly foldedLives: FoldedLives
}): Feature {
  return {
    name: 'lives',
    mount({ router, answer }) {
      answer(router, getLiveState, async ({ tenant, params }) => {
        // Read first: a recount that ends meanwhile is in the numbers, and reported once too often.
        const recounting = await database.readAs(tenant, (read) => readRecounting(read, tenant))
        const { epoch, state, confirmedAt } = await followers.get(params.creator_id)
        if (performance.now() - confirmedAt > CONFIRMED_WITHIN_MS) {
          throw new AppError(
            'unavailable',
            'Can’t tell right now whether the numbers are current.',
            {
              retryAfterMs: 1_000,
            },
          )
        }
        // Copied: the state changes while the answer is being sent.
        return { epoch, seq: state.seq, state: structuredClone(state), recounting }
      })
      answer(router, listLives, async ({ tenant, query }) => {
        const { rows, recounting } = await database.readAs(tenant, async (read) => ({
          rows: await selectLives(read, tenant, query),
          recounting: await readRecounting(read, tenant),
        }))
        const now = Date.now()
        const last = rows.length === query.limit ? rows.at(-1) : undefined
        return {
          lives: rows.map((row) => shownLive(row, now)),
          cursor: last ? cursorOf(last) : null,
          recounting,
        }
      })
      answer(router, getLive, async ({ tenant, params }) => {
        return withRecounting(database, tenant, async () => {
          const live = await foldedLives.read(tenant, params.session_id)
          if (!live) throw new AppError('not_found', 'LIVE not found.')
          return { live }
        })
      })
    },
  }
}
