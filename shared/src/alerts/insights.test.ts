import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scaled } from '../../../scripts/test/long-run.ts'
import type { InsightKind } from '../alert-reason.ts'
import { type Fields, MINUTE_MS, numbered, at as startAt } from '../test/numbered-events.ts'
import { createReplay, type KnownThen } from './course.ts'
import { evaluate, type Held } from './evaluate.ts'
import { roundsUpTo } from './insights.ts'
import { newRule } from './rule.ts'
import { keyOf } from './subject.ts'
import type { GoalSeen, Records, TopGifter } from './view.ts'

interface KnownHere {
  readonly records?: Records
  readonly goal?: (now: number) => GoalSeen | null
  readonly gifter?: (now: number) => TopGifter | null
}

/** The moments of an insight in a LIVE that starts with the first event, as minute and value. */
function momentsOf(
  insight: InsightKind,
  events: readonly Fields[],
  { records = { minute_gmv: null, viewers: null }, goal, gifter }: KnownHere = {},
  held = new Map<string, Held>(),
) {
  const rule = { ...newRule.parse({ name: 'r', condition: { kind: 'insight', insight } }), id: 'r' }
  const known: KnownThen = (now) => ({
    usualOf: () => null,
    paceOf: () => null,
    goalOf: () => goal?.(now) ?? null,
    recordsOf: () => records,
    topGifterOf: () => gifter?.(now) ?? null,
    trafficOf: () => new Map(),
    sources: [],
  })
  const moments: { minute: number; value: number | null; before: number | null; of: string }[] = []
  const replay = createReplay(known, 'UTC', (view) => {
    for (const outcome of evaluate(rule, view, held)) {
      held.set(keyOf(outcome.held), JSON.parse(JSON.stringify(outcome.held)) as Held)
      const why = outcome.transition?.why
      if (why?.kind !== 'insight') continue
      const minute = Math.floor((view.now - startAt) / MINUTE_MS)
      moments.push({ minute, value: why.value, before: why.before, of: outcome.about ?? '' })
    }
  })
  replay.take(numbered(events).map((event) => ({ event, at: event.ts })))
  replay.finish()
  return moments
}

const minute = (n: number, second = 5) => startAt + n * MINUTE_MS + second * 1_000
const started = { type: 'live_started', ts: startAt } as const
const order = (n: number, money = 1_000, fields: Partial<Fields> = {}) =>
  ({
    type: 'payment_completed',
    ts: minute(n),
    units: 1,
    money,
    main_order: 1,
    sku_order: 1,
    ...fields,
  }) as const
const ended = (n: number) => ({ type: 'live_ended', ts: minute(n) }) as const

describe('insights', () => {
  test('[ALERT-8] the first order and round numbers are told once each, the greatest of several at once', () => {
    const events = [
      started,
      order(1),
      ...Array.from({ length: 11 }, () => order(2)),
      order(3),
      ended(4),
    ]
    expect(momentsOf('first_order', events)).toEqual([
      { minute: 1, value: 1, before: null, of: '' },
    ])
    expect(momentsOf('orders', events)).toEqual([{ minute: 2, value: 10, before: null, of: '' }])
    const rush = [started, ...Array.from({ length: 60 }, () => order(1)), ended(2)]
    expect(momentsOf('orders', rush)).toEqual([{ minute: 1, value: 50, before: null, of: '' }])
  })

  test('[ALERT-8] what was reached before anyone looked is no news, and a restart repeats nothing', () => {
    const first = [{ ...started }, { ...order(0), ts: startAt }, ended(2)]
    expect(momentsOf('first_order', first)).toEqual([])
    const held = new Map<string, Held>()
    const events = [started, order(1), ended(2)]
    expect(momentsOf('first_order', events, {}, held)).toHaveLength(1)
    expect(momentsOf('first_order', events, {}, held)).toEqual([])
  })

  test('[ALERT-8] a record minute beats every minute of this LIVE and of the past', () => {
    const steady = [1, 2, 3, 4, 5, 6].map((n) => order(n))
    const events = [
      started,
      ...steady,
      order(8, 5_000),
      order(9, 4_000),
      order(10, 9_000),
      ended(12),
    ]
    expect(momentsOf('record_minute', events)).toEqual([
      { minute: 9, value: 5_000, before: 1_000, of: '' },
      { minute: 11, value: 9_000, before: 5_000, of: '' },
    ])
    const past = { records: { minute_gmv: 6_000, viewers: null } }
    expect(momentsOf('record_minute', events, past)).toMatchObject([
      { value: 9_000, before: 6_000 },
    ])
    // The minute is told when it is over, and the first few minutes are no record.
    expect(momentsOf('record_minute', [started, order(1), order(2, 9_000), ended(5)])).toEqual([])
  })

  test('[ALERT-8] more viewers than ever are told once, and not without anything to beat', () => {
    const viewers = (n: number, level: number) =>
      ({ type: 'viewer_count', ts: minute(n), level, units: level }) as const
    const events = [started, viewers(1, 90), viewers(2, 110), viewers(3, 200), ended(4)]
    const past = { records: { minute_gmv: null, viewers: 100 } }
    expect(momentsOf('record_viewers', events, past)).toEqual([
      { minute: 2, value: 110, before: 100, of: '' },
    ])
    expect(momentsOf('record_viewers', events)).toEqual([])
  })

  test('[ALERT-8] a surge compares two minutes with the ten before', () => {
    const viewers = Array.from({ length: 25 }, (_, n) => {
      const level = n < 18 ? 100 : 200
      return { type: 'viewer_count', ts: minute(n), level, units: level } as const
    })
    expect(momentsOf('viewer_surge', [started, ...viewers, ended(26)])).toEqual([
      { minute: 19, value: 150, before: 100, of: '' },
    ])
  })

  test('[ALERT-8] the best product is told when another one takes the lead, at most every ten minutes', () => {
    const of = (n: number, product_id: string, times: number) =>
      Array.from({ length: times }, () => order(n, 1_000, { product_id }))
    const events = [started, ...of(1, 'a', 6), ...of(3, 'b', 8), ...of(5, 'a', 4), ended(30)]
    const moments = momentsOf('best_product', events)
    expect(moments.map(({ of: product, minute: at }) => [product, at])).toEqual([['a', 1]])
    const longer = [started, ...of(1, 'a', 6), ...of(14, 'b', 8), ended(30)]
    expect(momentsOf('best_product', longer).map(({ of: product }) => product)).toEqual(['a', 'b'])
  })

  test('[ALERT-8] each product that sells out is told, one after the other', () => {
    const soldOut = (n: number, product_id: string) =>
      ({ type: 'stock_level', ts: minute(n), product_id, level: 0, units: 1 }) as const
    const stocked = (product_id: string) =>
      ({ type: 'stock_level', ts: startAt, product_id, level: 5 }) as const
    const events = [
      started,
      stocked('a'),
      stocked('b'),
      soldOut(3, 'a'),
      // At the same moment.
      soldOut(3, 'b'),
      ended(5),
    ]
    const told = momentsOf('sell_out', events).map(({ of: product }) => product)
    expect(told).toEqual(['a', 'b'])
  })

  test('[ALERT-8] a goal is told when it is reached, a new top gifter when someone else leads', () => {
    const goal = (now: number) => ({ id: 'g', value: now >= minute(3, 0) ? 120 : 20, target: 100 })
    expect(momentsOf('goal_reached', [started, order(4), ended(6)], { goal })).toEqual([
      { minute: 3, value: 120, before: 100, of: '' },
    ])
    // Another goal in between, and back.
    const changed = (now: number) => ({
      id: now >= minute(2, 0) && now < minute(3, 0) ? 'other' : 'first',
      value: now >= minute(1, 0) ? 120 : 20,
      target: 100,
    })
    const reached = momentsOf('goal_reached', [started, order(4), ended(6)], { goal: changed })
    expect(reached.map(({ minute: at }) => at)).toEqual([1, 2])
    const gifter = (now: number) =>
      now < minute(2, 0) ? null : { mark: now < minute(20, 0) ? 'x' : 'y', diamonds: 500 }
    const moments = momentsOf('top_gifter', [started, order(10), order(20), ended(30)], { gifter })
    expect(moments.map(({ minute: at, value }) => [at, value])).toEqual([
      [2, 500],
      [20, 500],
    ])
  })

  test('[ALERT-8] whatever the numbers do, a moment that comes once comes once', () => {
    const event = fc.oneof(
      fc.record({
        type: fc.constant('payment_completed' as const),
        money: fc.nat(5_000),
        main_order: fc.constantFrom(1, 3, 40),
      }),
      fc.record({
        type: fc.constant('order_refunded' as const),
        money: fc.nat(5_000).map((money) => -money),
      }),
      fc.record({ type: fc.constant('viewer_count' as const), level: fc.nat(100) }),
    )
    const step = fc.tuple(fc.integer({ min: 0, max: 90 }), event)
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.boolean(), (steps, flickers) => {
        let second = 10
        const events: Fields[] = [started]
        for (const [later, fields] of steps) {
          second += later
          events.push({ ...fields, ts: startAt + second * 1_000 })
        }
        const known: KnownHere = {
          records: { minute_gmv: null, viewers: 50 },
          goal: (now) => ({
            id: flickers && Math.floor(now / MINUTE_MS) % 2 ? 'a' : 'b',
            value: (now / 1_000) % 3 ? 120 : 20,
            target: 100,
          }),
        }
        const told = (insight: InsightKind) => momentsOf(insight, events, known)
        expect(told('first_order').length).toBeLessThan(2)
        expect(told('record_viewers').length).toBeLessThan(2)
        expect(told('goal_reached').length).toBeLessThan(flickers ? 3 : 2)
        const rounds = told('orders').map(({ value }) => value ?? 0)
        expect(rounds).toEqual([...new Set(rounds)].toSorted((a, b) => a - b))
        for (const round of rounds) expect(roundsUpTo(round).at(-1)).toBe(round)
      }),
      { numRuns: scaled(30, 300) },
    )
    expect(roundsUpTo(1_234)).toEqual([10, 50, 100, 500, 1_000])
  })
})
