import type { getGoal } from '@creatorflow/shared/features/goals'
import { ask } from '#lib/ask.ts'
import type { Step } from '#lib/start/checklist.ts'
import { m } from '#messages'

/** A goal for every LIVE. */
export const goalSteps: readonly Step[] = [
  {
    id: 'goal',
    text: m.goal_set_goal(),
    why: m.goal_each_live_shows_how_far_you(),
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
