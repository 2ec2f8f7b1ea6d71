import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyChanges, type Changes, changesOf, type Path, stepsOf } from './changes.ts'
import { fold } from './fold.ts'
import {
  detailKeys,
  emptyState,
  type LiveSnapshot,
  type LiveState,
  snapshotOf,
} from './live-state.ts'
import { at, type Fields, numbered } from './test/numbered-events.ts'

function state(): LiveState {
  const lives = ['a', 'b', 'c'].map(
    (session_id): Fields => ({ type: 'comment', session_id, units: 1 }),
  )
  return fold(emptyState(), numbered(lives))
}
const screenOf = (whole: string) => snapshotOf(state(), whole)
const overTheWire = <T>(value: T): T => JSON.parse(JSON.stringify(value))

test('[TOTAL-1] a path reads only own properties of the state', () => {
  const held = state()
  const sent = (...steps: string[]) => changesOf(held, [steps])
  expect(sent('lives', 'a', 'totals', 'comments')).toEqual({
    lives: { a: { totals: { comments: 1 } } },
  })
  expect(sent('lives', 'x', 'totals', 'gmv')).toEqual({})
  expect(sent('lives', 'toString')).toEqual({ lives: { toString: null } })
  expect(sent('lives', 'a', 'recent', 'toString')).toEqual({
    lives: { a: { recent: { toString: null } } },
  })
})

test('[TOTAL-1] null removes a member of a map, and is a value of a field', () => {
  const screen = applyChanges(screenOf('a'), {
    lives: { b: null, a: { viewers_now: null, recent: { e1: null } } },
    days: { '2026-03-02': null },
  })
  expect(Object.keys(screen.lives)).toEqual(['a', 'c'])
  expect(screen.lives.a).toMatchObject({ viewers_now: null, recent: {} })
  expect(screen.days).toEqual({})
})

test('[TOTAL-2] a LIVE not held in full keeps only its summary', () => {
  const d = { ...state().lives.c, session_id: 'd' }
  const screen = applyChanges(screenOf('a'), {
    lives: { b: { minutes: { likes: { 1: 1 } }, totals: { comments: 7 } }, d },
  })
  expect(screen.lives.b?.totals.comments).toBe(7)
  for (const id of ['b', 'd'])
    for (const key of detailKeys) expect(screen.lives[id]).not.toHaveProperty(key)
})

test('[TOTAL-2] cells of LIVEs not held are dropped', () => {
  const before = screenOf('a')
  const screen = applyChanges(before, {
    lives: { gone: { totals: { gmv: 5 }, viewers_now: null } },
    days: { '2020-01-01': { totals: { gmv: 5 } } },
  })
  expect(screen).toEqual(before)
})

describe('[TOTAL-1] names that every object has', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']

  test.each(names)('%s as the name of anything reaches no prototype', (name) => {
    const within = (value: object) => JSON.parse(`{"${name}":${JSON.stringify(value)}}`)
    const polluted = within({ polluted: 1, prototype: { polluted: 1 } })
    const all = [
      polluted,
      { lives: polluted, days: polluted, stock: polluted },
      { lives: { a: { ...polluted, totals: polluted, minutes: polluted, recent: polluted } } },
      { lives: { a: { product_names: polluted, minutes: { gmv: polluted } } } },
    ]
    for (const changes of all) {
      const screen = applyChanges(screenOf('a'), changes as Changes)
      for (const each of [screen, screen.lives, screen.days, screen.stock, screen.lives.a]) {
        expect(Object.getPrototypeOf(each)).toBe(Object.prototype)
      }
    }
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
    expect((Object as { polluted?: number }).polluted).toBeUndefined()
  })

  test('as ids they are ids, but for the one that no object can hold', () => {
    const events = names.flatMap((id): Fields[] => [
      { type: 'product_click', product_id: id, pin_id: id, units: 2, id },
      { type: 'stock_level', product_id: id, level: 3, id: `s-${id}` },
    ])
    const paths: Path[] = []
    const folded = fold(emptyState(), numbered(events), { add: (path) => paths.push(path) })
    const { a } = folded.lives
    expect(Object.keys(a?.product_rows ?? {})).toEqual(names.slice(1))
    expect(a?.products.product_clicks).toEqual([2, 2, 2])
    expect(a?.products_other.product_clicks).toBe(2)
    const changes = overTheWire(changesOf(folded, paths.map(stepsOf)))
    const screen = applyChanges(snapshotOf(emptyState(), 'a'), changes)
    expect({ ...screen, seq: folded.seq }).toEqual(overTheWire(snapshotOf(folded, 'a')))
  })
})

test('[TOTAL-2] the given snapshot stays unchanged, and unchanged parts are shared', () => {
  const before: LiveSnapshot = screenOf('a')
  const kept = structuredClone(before)
  const after = applyChanges(before, {
    lives: { a: { totals: { comments: 2 }, minutes: { comments: { 0: 2, 8: 1 }, gmv: { 1: 5 } } } },
    stock: { p1: 3 },
  })
  expect(before).toEqual(kept)
  expect(after.lives.a).toMatchObject({
    totals: { comments: 2 },
    minutes: { comments: [2, 0, 0, 0, 0, 0, 0, 0, 1], gmv: [0, 5] },
  })
  expect(after.stock).toEqual({ p1: 3 })
  expect(after.lives.a?.recent).toBe(before.lives.a?.recent)
  expect(after.lives.b).toBe(before.lives.b)
  expect(after.days).toBe(before.days)
})

test('[TOTAL-3] a series that starts elsewhere keeps its buckets in place, and 0 leaves no trace', () => {
  const from = screenOf('a').lives.a?.minutes_from ?? 0
  const series = { minutes: { comments: [], gmv: [1, 2, 3] } }
  const before = applyChanges(screenOf('a'), { lives: { a: series } })
  const later = applyChanges(before, {
    lives: { a: { minutes_from: from + 2, minutes: { gmv: { 1: 9 } } } },
  })
  expect(later.lives.a?.minutes).toEqual({ gmv: [3, 9] })
  const earlier = applyChanges(later, {
    lives: { a: { minutes_from: from + 1, minutes: { gmv: { 2: 0 } } } },
  })
  expect(earlier.lives.a?.minutes).toEqual({ gmv: [0, 3] })
})

describe('[P3][TOTAL-1] changes of any stretches, one after the other', () => {
  const eventOf = fc.record(
    {
      type: fc.constantFrom(
        'payment_completed' as const,
        'product_click' as const,
        'comment' as const,
        'viewer_count' as const,
        'live_ended' as const,
        'product_pinned' as const,
      ),
      session_id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'),
      ts: fc.integer({ min: -90, max: 1_600 }).map((minutes) => at + minutes * 60_000),
      day: fc.constantFrom('2026-03-01', '2026-03-02', '2026-03-03'),
      units: fc.integer({ min: -3, max: 9 }),
      money: fc.nat(900),
      product_id: fc.constantFrom('p', 'q', 'r'),
      pin_id: fc.constantFrom('p', 'q', 'r'),
      label: fc.constantFrom('Mug', 'Pot'),
      live_started_at: fc.constantFrom(at, at - 5 * 60_000, at + 30 * 60_000),
    },
    { requiredKeys: ['type', 'session_id', 'ts', 'day'] },
  )
  const logOf = fc
    .array(eventOf, { minLength: 1, maxLength: 80 })
    .map((events) => numbered(events as Fields[]))
  const stretchesOf = fc.array(fc.tuple(fc.nat(30), fc.nat(30)), { maxLength: 12 })

  test('are the state, overlapping and repeated ones too', () => {
    fc.assert(
      fc.property(logOf, fc.constantFrom('a', 'b'), stretchesOf, (log, whole, stretches) => {
        const state = emptyState()
        const touched: { seq: number; path: Path }[] = []
        let screen = overTheWire(snapshotOf(state, whole))
        let held = 0
        for (const [further, back] of [...stretches, [log.length, 0] as const]) {
          for (const event of log.slice(state.seq, state.seq + further)) {
            fold(state, [event], { add: (path) => touched.push({ seq: event.seq, path }) })
          }
          // From any position at or before the held one.
          const since = Math.max(0, held - back)
          const later = touched.filter(({ seq }) => seq > since)
          const paths = new Set(later.map(({ path }) => path))
          const changes = overTheWire(changesOf(state, [...paths].map(stepsOf)))
          for (let twice = 0; twice < 2; twice++) {
            screen = applyChanges(screen, changes)
            const truth = overTheWire(snapshotOf(state, whole))
            expect({ ...screen, seq: 0 }).toEqual({ ...truth, seq: 0 })
          }
          held = state.seq
        }
      }),
      { numRuns: 300 },
    )
  })
})
