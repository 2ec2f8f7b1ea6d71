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
  const screen = structuredClone(snapshotOf(state(), 'a'))
  applyChanges(screen, [
    [['lives', 'b'], null],
    [['lives', 'a', 'viewers_now'], null],
    [['lives', 'a', 'recent', 'e0'], null],
  ])
  expect(Object.keys(screen.lives)).toEqual(['a', 'c'])
  expect(screen.lives.a).toMatchObject({ viewers_now: null, recent: {} })
})

test('[STATE-5] of a LIVE that is not held whole only its summary is taken in', () => {
  const from = state()
  const screen: LiveSnapshot = structuredClone(snapshotOf(from, 'a'))
  applyChanges(screen, [
    [['lives', 'b', 'minutes', '1'], [1]],
    [['lives', 'b', 'totals', 'comments'], 7],
    [['lives', 'c'], structuredClone(from.lives.c)],
  ])
  expect(screen.lives.b?.totals.comments).toBe(7)
  for (const id of ['b', 'c'])
    for (const key of detailKeys) expect(screen.lives[id]).not.toHaveProperty(key)
})

test('[STATE-6] a cell of what is not held is dropped', () => {
  const screen = structuredClone(snapshotOf(state(), 'a'))
  const before = structuredClone(screen)
  applyChanges(screen, [
    [['lives', 'gone', 'totals', 'gmv'], 5],
    [['lives', 'gone', 'viewers_now'], null],
    [['days', '2020-01-01', 'totals', 'gmv'], null],
  ])
  expect(screen).toEqual(before)
})

test('[STATE-7] changes never reach a prototype', () => {
  const screen = structuredClone(snapshotOf(state(), 'a'))
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
