import { expect, it } from 'vitest'
import { type GiftStep, gatherGifts } from './gift-burst.ts'
import { emptyQueue, push } from './queue.ts'

function totals(list: readonly GiftStep[]) {
  let steps: readonly GiftStep[] = []
  let queue = emptyQueue
  for (const step of list) {
    const next = gatherGifts(steps, step)
    steps = next.steps
    if (next.toast) queue = push(queue, next.toast, step.at).queue
  }
  return queue.shown.map(({ total }) => total)
}

it('[PAGE-14] a burst is told with all its gifts, those before it was one too', () => {
  const steps = Array.from({ length: 50 }, (_, at) => ({ at: at * 100, gifts: 1, diamonds: 3 }))
  expect(totals(steps)).toEqual([{ count: 50, worth: 150 }])
})

it('[PAGE-14] a gift now and then is no news, a great one is', () => {
  const slow = Array.from({ length: 50 }, (_, at) => ({ at: at * 5_001, gifts: 1, diamonds: 3 }))
  expect(totals(slow)).toEqual([])
  expect(totals([{ at: 0, gifts: 1, diamonds: 1_000 }])).toEqual([{ count: 1, worth: 1_000 }])
})
