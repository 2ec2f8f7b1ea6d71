import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  advance,
  dismiss,
  emptyQueue,
  hold,
  priorities,
  push,
  type Queue,
  release,
  type ToastInput,
  toastLimits,
  withdraw,
} from './queue.ts'

const toast = (key: string, priority: ToastInput['priority'], more = {}): ToastInput => ({
  key,
  priority,
  title: [key],
  ...more,
})
const pushAll = (inputs: readonly ToastInput[], now = 0, from: Queue = emptyQueue) =>
  inputs.reduce((queue, input) => push(queue, input, now).queue, from)
const keys = (queue: Queue) => queue.shown.map(({ key }) => key)
const gift = (worth: number) => toast('gifts', 'notice', { total: { count: 1, worth } })

describe('toasts', () => {
  it('[PAGE-14] 50 gifts in 5 s are one toast with their total', () => {
    let queue = emptyQueue
    for (let at = 0; at < 50; at++) queue = push(queue, gift(10), at * 100).queue
    expect(queue.shown).toHaveLength(1)
    expect(queue.shown[0]?.total).toEqual({ count: 50, worth: 500 })
    expect(queue.waiting).toEqual([])
  })

  it('[PAGE-14] a gift after the burst starts a new total', () => {
    const first = push(emptyQueue, gift(10), 0).queue
    const later = push(first, gift(1), toastLimits.burstMs + 1).queue
    expect(later.shown.map(({ total }) => total?.worth)).toEqual([10, 1])
  })

  it('[PAGE-14] at most three are shown; the others wait, the most urgent first', () => {
    const queue = pushAll(['a', 'b', 'c', 'd'].map((key) => toast(key, 'milestone')))
    expect(keys(queue)).toEqual(['a', 'b', 'c'])
    const urgent = push(queue, toast('e', 'critical'), 1).queue
    expect(keys(urgent)).toEqual(['a', 'b', 'e'])
    const after = advance(urgent, 10_000)
    expect(keys(after)).toEqual(['e', 'd'])
  })

  it('[PAGE-14] at any time at most three, none twice, bounded, alerts before notices', () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
      priority: fc.constantFrom(...priorities),
      wait: fc.nat(8_000),
      act: fc.constantFrom('push', 'push', 'dismiss', 'hold', 'release'),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let queue = emptyQueue
        let now = 0
        for (const { key, priority, wait, act } of steps) {
          now += wait
          if (act === 'push') queue = push(queue, toast(key, priority), now).queue
          if (act === 'dismiss') queue = dismiss(queue, queue.shown[0]?.id ?? 0, now)
          if (act === 'hold') queue = hold(queue)
          if (act === 'release') queue = release(queue, now)
          queue = advance(queue, now)
          const all = [...queue.shown, ...queue.waiting]
          expect(queue.shown.length).toBeLessThanOrEqual(toastLimits.shown)
          expect(queue.waiting.length).toBeLessThanOrEqual(toastLimits.waiting)
          expect(new Set(all.map((one) => one.key)).size).toBe(all.length)
        }
        expect(advance(release(queue, now), now + 3_600_000).shown.length).toBeLessThanOrEqual(3)
      }),
    )
  })

  it('[PAGE-14] each closes when its time is up, but not while someone reads it', () => {
    const queue = pushAll([toast('a', 'notice'), toast('b', 'critical')])
    expect(keys(advance(queue, 7_000))).toEqual(['b'])
    const held = hold(queue)
    expect(keys(advance(held, 1_000_000))).toEqual(['a', 'b'])
    const released = release(held, 1_000_000)
    expect(keys(advance(released, 1_005_000))).toEqual(['a', 'b'])
    expect(keys(advance(released, 1_007_000))).toEqual(['b'])
  })

  it('[PAGE-14] dismissing one makes room; those that waited too long are dropped', () => {
    const queue = pushAll(['a', 'b', 'c', 'd'].map((key) => toast(key, 'critical')))
    expect(keys(dismiss(queue, 1, 1))).toEqual(['b', 'c', 'd'])
    const late = pushAll([toast('m', 'milestone')], 0, queue)
    expect(late.waiting.map(({ key }) => key)).toEqual(['d', 'm'])
    expect(keys(advance(late, toastLimits.staleMs + 1))).toEqual(['d'])
  })

  it('[PAGE-14] an episode of alerts makes one sound, milestones none', () => {
    const ring = (queue: Queue, priority: ToastInput['priority'], now: number, key: string) =>
      push(queue, toast(key, priority), now)
    const milestone = ring(emptyQueue, 'milestone', 0, 'm')
    expect(milestone.rings).toBe(false)
    const first = ring(milestone.queue, 'warning', 0, 'a')
    expect(first.rings).toBe(true)
    const second = ring(first.queue, 'critical', 50_000, 'b')
    expect(second.rings).toBe(false)
    const third = ring(second.queue, 'critical', 100_000, 'c')
    expect(third.rings).toBe(false)
    expect(ring(third.queue, 'warning', 200_000, 'd').rings).toBe(true)
  })

  it('[PAGE-14] a repeated alert stays one toast, with its newest text and time', () => {
    const alert = (value: string) =>
      toast('alert c_o_rate', 'warning', { title: [value], why: 1_000 })
    const queue = pushAll([alert('6 %'), alert('5 %')])
    expect(queue.shown).toMatchObject([{ title: ['5 %'], why: 1_000, priority: 'warning' }])
  })

  it('[PAGE-14] one that stays goes when it is withdrawn; while somebody reads, after that', () => {
    const critical = toast('a', 'critical', {
      stays: true,
      answers: [{ name: 'Acknowledge', run() {} }],
    })
    const stays = advance(pushAll([critical]), 1e9)
    expect(keys(stays)).toEqual(['a'])
    expect(keys(withdraw(stays, 'a', 1e9))).toEqual([])

    const read = withdraw(hold(stays), 'a', 1e9)
    expect(read.shown).toMatchObject([{ key: 'a' }])
    expect(read.shown[0]?.answers).toBeUndefined()
    expect(keys(advance(release(read, 1e9), 2e9))).toEqual([])
  })
})
