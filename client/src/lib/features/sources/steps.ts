import type { listSourceKinds, listSources, SourceKind } from '@creatorflow/shared/features/sources'
import { ask } from '#lib/ask.ts'
import type { Step } from '#lib/start/checklist.ts'
import { m } from '#messages'

/** Whether the creator has a source that is turned on and provides this. */
const has = (wanted: SourceKind['provides']) => async (creatorId: string) => {
  const [kinds, sources] = await Promise.all([
    ask<typeof listSourceKinds>('GET /api/v1/source-kinds'),
    ask<typeof listSources>('GET /api/v1/creators/:creator_id/sources', {
      params: { creator_id: creatorId },
    }),
  ])
  if (!kinds.ok || !sources.ok) return undefined
  const providing = kinds.value.kinds.filter(({ provides }) => provides === wanted)
  return sources.value.sources.some(
    ({ kind, enabled }) => enabled && providing.some((one) => one.kind === kind),
  )
}

const href = (creatorId: string) => `/settings/sources?creator=${encodeURIComponent(creatorId)}`

/** What a creator's sources are needed for. */
export const sourceSteps: readonly Step[] = [
  {
    id: 'tiktok',
    text: m.sources_connect_your_tiktok(),
    why: m.sources_viewers_comments_and_gifts_in_real(),
    needs: 'manage',
    isDone: has('lives'),
    at: { href },
  },
  {
    id: 'shop',
    text: m.sources_connect_your_shop(),
    why: m.sources_orders_and_sales_as_they_come(),
    needs: 'manage',
    isDone: has('orders'),
    at: { href },
  },
]
