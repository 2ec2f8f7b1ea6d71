import type { listSourceKinds, listSources, SourceKind } from '@creatorflow/shared/features/sources'
import { ask } from '#lib/ask.ts'
import type { Step } from '#lib/start/checklist.ts'

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
    text: 'Connect your TikTok',
    why: 'Viewers, comments and gifts, in real time.',
    needs: 'manage',
    isDone: has('lives'),
    at: { href },
  },
  {
    id: 'shop',
    text: 'Connect your shop',
    why: 'Orders and sales as they come in.',
    needs: 'manage',
    isDone: has('orders'),
    at: { href },
  },
]
