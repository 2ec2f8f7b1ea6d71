import type { getGoal } from '@creatorflow/shared/features/goals'
import { ask } from '#lib/ask.ts'
import type { Step } from '#lib/start/checklist.ts'

/** A goal for every LIVE. */
export const goalSteps: readonly Step[] = [
  {
    id: 'goal',
    text: 'Set a goal',
    why: 'Each LIVE shows how far you are, and a forecast.',
    needs: 'operate',
    async isDone(creatorId) {
      const result = await ask<typeof getGoal>('GET /api/v1/creators/:creator_id/goal', {
        params: { creator_id: creatorId },
      })
      return result.ok ? result.value.goal !== null : undefined
    },
    at: { dialog: () => import('./EveryLiveGoal.svelte') },
  },
]
