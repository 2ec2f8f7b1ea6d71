import type { Milestone } from '@creatorflow/shared/insights/milestones'
import { m } from '#messages'
import type { ToastInput } from './queue.ts'
import type { Word } from './words.ts'

/** Announces a milestone; `at` is when it was seen, epoch ms. */
export function toastOf(milestone: Milestone, at: number): ToastInput {
  const base = { priority: 'milestone', why: at } as const
  switch (milestone.kind) {
    case 'orders': {
      const { orders } = milestone
      const title: Word =
        orders === 1
          ? m.toasts_first_order()
          : (shown) => m.toasts_orders({ count: shown({ count: orders }) })
      return { ...base, key: `order ${orders}`, title: [title], text: [m.toasts_in_this_live()] }
    }
    case 'viewers':
      return {
        ...base,
        key: 'viewers',
        title: [m.toasts_most_viewers_ever()],
        text: [(shown) => m.toasts_at_once({ count: shown({ count: milestone.viewers }) })],
      }
    case 'goal':
      return {
        ...base,
        key: `goal ${milestone.id}`,
        title: [m.toasts_goal_reached()],
        text: [milestone.name],
      }
    case 'minute':
      return {
        ...base,
        key: `minute ${milestone.minute}`,
        title: [m.toasts_record_minute()],
        text: [
          (shown) =>
            m.toasts_money_at_time({
              money: shown({ money: milestone.gmv }),
              time: shown({ clock: milestone.minute }),
            }),
        ],
        why: milestone.minute,
      }
  }
}
