import { expect, it } from 'vitest'
import { GIFTS_AGAIN_MS, type GiftStep, gatherGifts, noGifts } from './gift-burst.ts'
import { advance, dismiss, emptyQueue, push } from './queue.ts'

const steps = (count: number, everyMs: number, from = 0): GiftStep[] =>
  Array.from({ length: count }, (_, at) => ({ at: from + at * everyMs, gifts: 1, diamonds: 3 }))

/** What each toast told in the end. */
function totals(list: readonly GiftStep[], dismissAt = Number.POSITIVE_INFINITY) {
  let memory = noGifts
  let queue = emptyQueue
  const told = new Map<number, unknown>()
  for (const step of list) {
    queue = advance(queue, step.at)
    if (step.at >= dismissAt) queue = dismiss(queue, queue.shown[0]?.id ?? 0, step.at)
    const next = gatherGifts(memory, step)
    memory = next.memory
    if (next.toast) queue = push(queue, next.toast, step.at).queue
    for (const { id, total } of queue.shown) told.set(id, total)
  }
  return [...told.values()]
}

it('[PAGE-14] a burst includes all its gifts, even those before it was one', () => {
  expect(totals(steps(50, 100))).toEqual([{ count: 50, worth: 150 }])
})

it('[PAGE-14] an occasional gift shows no toast, nor do five, but a large one does', () => {
  expect(totals(steps(50, 5_001))).toEqual([])
  expect(totals(steps(5, 10))).toEqual([])
  expect(totals([{ at: 0, gifts: 1, diamonds: 1_000 }])).toEqual([{ count: 1, worth: 1_000 }])
})

it('[PAGE-14] a burst that continues after it was dismissed is not announced again', () => {
  expect(totals(steps(80, 90), 60 * 90)).toHaveLength(1)
})

it('[PAGE-14] of bursts within five minutes only the first is announced', () => {
  const list = [0, 60_000, 120_000, GIFTS_AGAIN_MS + 10_000].flatMap((from) => steps(60, 50, from))
  expect(totals(list)).toHaveLength(2)
})
