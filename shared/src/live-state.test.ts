import { expect, test } from 'vitest'
import { fold } from './fold.ts'
import {
  applyChanges,
  detailKeys,
  emptyState,
  type LiveSnapshot,
  latestLive,
  snapshotOf,
  valueAt,
} from './live-state.ts'

const at = Date.UTC(2026, 2, 2, 18)

function state() {
  const lives = ['a', 'b', 'c'].map((session_id, n) => ({
    seq: n + 1,
    ts: at,
    id: `e${n}`,
    type: 'comment' as const,
    day: '2026-03-02',
    session_id,
    opens_live: 1,
    // Two start at the same time: the greater id is the later one.
    live_started_at: at - (n === 0 ? 1 : 0),
    units: 1,
  }))
  return fold(emptyState(), lives)
}

test('[STATE-1] the latest LIVE is the one that started last, of equals the greater id', () => {
  expect(latestLive({})).toBeNull()
  expect(latestLive(state().lives)).toBe('c')
})

test('[STATE-2] a snapshot holds one LIVE whole and the totals of the others', () => {
  const { lives, whole, seq } = snapshotOf(state(), 'b')
  expect([whole, seq]).toEqual(['b', 3])
  expect(lives.b).toEqual(state().lives.b)
  for (const key of detailKeys) expect(lives.a).not.toHaveProperty(key)
  expect(lives.a?.totals).toEqual({ comments: 1 })
  expect(Object.keys(snapshotOf(emptyState(), null).lives)).toEqual([])
})

test('[STATE-3] a path reads what the state owns, never what every object inherits', () => {
  expect(valueAt(state(), ['lives', 'a', 'totals', 'comments'])).toBe(1)
  for (const path of [
    ['lives', 'x', 'totals'],
    ['constructor'],
    ['lives', 'toString'],
    ['seq', 'a'],
  ]) {
    expect(valueAt(state(), path)).toBeUndefined()
  }
})

test('[STATE-4] null deletes a member of a map, and empties a field that may be empty', () => {
  const screen = applyChanges(snapshotOf(state(), 'a'), [
    [['lives', 'b'], null],
    [['lives', 'a', 'viewers_now'], null],
    [['lives', 'a', 'recent', 'e0'], null],
  ])
  expect(Object.keys(screen.lives)).toEqual(['a', 'c'])
  expect(screen.lives.a).toMatchObject({ viewers_now: null, recent: {} })
})

test('[STATE-5] of a LIVE that is not held whole only its summary is taken in', () => {
  const from = state()
  const screen = applyChanges(snapshotOf(from, 'a'), [
    [['lives', 'b', 'minutes', '1'], [1]],
    [['lives', 'b', 'totals', 'comments'], 7],
    [['lives', 'c'], structuredClone(from.lives.c)],
  ])
  expect(screen.lives.b?.totals.comments).toBe(7)
  for (const id of ['b', 'c'])
    for (const key of detailKeys) expect(screen.lives[id]).not.toHaveProperty(key)
})

test('[STATE-6] a cell of what is not held is dropped', () => {
  const before = snapshotOf(state(), 'a')
  const screen = applyChanges(before, [
    [['lives', 'gone', 'totals', 'gmv'], 5],
    [['lives', 'gone', 'viewers_now'], null],
    [['days', '2020-01-01', 'totals', 'gmv'], null],
  ])
  expect(screen).toEqual(before)
})

test('[STATE-7] changes never reach a prototype', () => {
  const screen = snapshotOf(state(), 'a')
  for (const path of [
    ['__proto__', 'polluted'],
    ['lives', '__proto__'],
    ['lives', 'a', '__proto__', 'polluted'],
  ]) {
    expect(() => applyChanges(screen, [[path, { polluted: 1 }]])).toThrow('__proto__')
  }
  applyChanges(screen, [[['constructor', 'prototype', 'polluted'], 1]])
  expect(({} as { polluted?: number }).polluted).toBeUndefined()
})

test('[STATE-8] what was given stays as it was, and what did not change is shared', () => {
  const before: LiveSnapshot = snapshotOf(state(), 'a')
  const kept = structuredClone(before)
  const after = applyChanges(before, [
    [['lives', 'a', 'totals', 'comments'], 2],
    [['lives', 'a', 'minutes', '8'], [1]],
    [['lives', 'a', 'minutes', '9'], [2]],
    [['stock', 'p1'], 3],
  ])
  expect(before).toEqual(kept)
  expect(after.lives.a).toMatchObject({ totals: { comments: 2 }, minutes: { 8: [1], 9: [2] } })
  expect(after.stock).toEqual({ p1: 3 })
  expect(after.lives.a?.totals).not.toBe(before.lives.a?.totals)
  expect(after.lives.a?.minutes).not.toBe(before.lives.a?.minutes)
  expect(after.lives.a?.recent).toBe(before.lives.a?.recent)
  expect(after.lives.b).toBe(before.lives.b)
  expect(after.days).toBe(before.days)
})
