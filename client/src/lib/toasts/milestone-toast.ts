import type { Milestone } from '@creatorflow/shared/insights/milestones'
import type { ToastInput } from './queue.ts'

/** Announces a milestone; `at` is when it was seen, epoch ms. */
export function toastOf(milestone: Milestone, at: number): ToastInput {
  const base = { priority: 'milestone', why: at } as const
  switch (milestone.kind) {
    case 'orders': {
      const { orders } = milestone
      const title = orders === 1 ? ['First order'] : [{ count: orders }, ' orders']
      return { ...base, key: `order ${orders}`, title, text: ['in this LIVE'] }
    }
    case 'viewers':
      return {
        ...base,
        key: 'viewers',
        title: ['Most viewers ever'],
        text: [{ count: milestone.viewers }, ' at once'],
      }
    case 'goal':
      return {
        ...base,
        key: `goal ${milestone.id}`,
        title: ['Goal reached'],
        text: [milestone.name],
      }
    case 'minute':
      return {
        ...base,
        key: `minute ${milestone.minute}`,
        title: ['Record minute'],
        text: [{ money: milestone.gmv }, ' at ', { clock: milestone.minute }],
        why: milestone.minute,
      }
  }
}
