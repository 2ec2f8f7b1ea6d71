import type { Baseline } from '@creatorflow/shared/insights/compare'
import { beforeEach, expect, it, vi } from 'vitest'
import { BaselineOfLive } from './baseline.svelte.ts'

const asked = vi.hoisted(() => ({ count: 0 }))
vi.mock('#lib/after-paint.ts', () => ({ afterPaint: async () => {} }))
vi.mock('#lib/session.svelte.ts', () => ({
  session: { ask: async () => ({ ok: true, value: { answer: ++asked.count } }) },
}))

const answerOf = (baseline: BaselineOfLive) =>
  (baseline.value as (Baseline & { answer: number }) | null)?.answer ?? null

beforeEach(() => {
  vi.useFakeTimers()
  asked.count = 0
  return () => vi.useRealTimers()
})

it('[COMPARE-2] nothing is compared while earlier LIVEs are arriving, everything once they are complete', async () => {
  const baseline = new BaselineOfLive()
  const over = baseline.follow('demo', 'now')
  baseline.compareWith([], false)
  await vi.advanceTimersByTimeAsync(100)
  expect(answerOf(baseline)).toBe(1)
  for (let part = 0; part < 20; part++) {
    baseline.compareWith([`yesterday ${part}`], true)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(answerOf(baseline)).toBeNull()
  }
  baseline.compareWith(['yesterday 20'], false)
  await vi.advanceTimersByTimeAsync(3_900)
  expect(answerOf(baseline)).toBeNull()
  await vi.advanceTimersByTimeAsync(200)
  expect(answerOf(baseline)).toBe(2)
  over()
})

it('[COMPARE-2] a page opened while a LIVE arrives does not compare with half of it', async () => {
  const baseline = new BaselineOfLive()
  const over = baseline.follow('demo', 'now')
  baseline.compareWith(['yesterday 1'], true)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(answerOf(baseline)).toBeNull()
  // Its source went away for good: what there is of it is all that there will be.
  await vi.advanceTimersByTimeAsync(4_000)
  expect(answerOf(baseline)).not.toBeNull()
  over()
})

it('[COMPARE-2] a comparison with whole LIVEs stays while older ones arrive, and takes them in once they are complete', async () => {
  const baseline = new BaselineOfLive()
  const over = baseline.follow('demo', 'now')
  baseline.compareWith(['yesterday 9'], false)
  await vi.advanceTimersByTimeAsync(100)
  expect(answerOf(baseline)).toBe(1)
  for (let part = 0; part < 5; part++) {
    baseline.compareWith(['yesterday 9', `sunday ${part}`], true)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(answerOf(baseline)).toBe(1)
  }
  await vi.advanceTimersByTimeAsync(4_000)
  expect(answerOf(baseline)).toBe(2)
  // One of those compared with turns out longer: what is on the screen is no longer true.
  baseline.compareWith(['yesterday 9', 'sunday 5'], true)
  expect(answerOf(baseline)).toBeNull()
  await vi.advanceTimersByTimeAsync(4_100)
  expect(answerOf(baseline)).toBe(3)
  // A newer one is the last LIVE now.
  baseline.compareWith(['noon 1', 'yesterday 9', 'sunday 5'], true)
  expect(answerOf(baseline)).toBeNull()
  over()
})
