import { describe, expect, test } from 'vitest'
import { fold } from './fold.ts'
import { emptyState, type LiveState, productName } from './live-state.ts'
import type { NumberedEvent } from './numbered-event.ts'
import { shuffle } from './simulator/disorder.ts'
import { at, type Fields, MINUTE_MS, numbered } from './test/numbered-events.ts'

const folded = (...events: Fields[]) => fold(emptyState(), numbered(events))
const live = (state: LiveState, id = 'a') => {
  const found = state.lives[id]
  if (!found) throw new Error(`no LIVE ${id}`)
  return found
}
const times = <T>(count: number, make: (n: number) => T) =>
  Array.from({ length: count }, (_, n) => make(n))

describe('the log and its bounds', () => {
  test('[TOTAL-1] a hole or a repeat in the numbers throws before anything changes', () => {
    const state = folded({ type: 'comment', units: 1 })
    const before = structuredClone(state)
    for (const seq of [1, 3]) {
      const event = { ...numbered([{ type: 'comment', units: 1 }])[0], seq } as NumberedEvent
      expect(() => fold(state, [event])).toThrow(`a hole in the log: event ${seq} after 1`)
    }
    expect(state).toEqual(before)
  })

  test('[TOTAL-2] the 8 latest LIVEs are held, and a dropped one stays dropped', () => {
    const starts = times(10, (n) => ({
      type: 'live_started' as const,
      session_id: `live-${n}`,
      live_started_at: at + n,
    }))
    const state = fold(emptyState(), numbered(starts))
    expect(Object.keys(state.lives)).toEqual(times(8, (n) => `live-${n + 2}`))
    fold(state, numbered([starts[0] as Fields, starts[1] as Fields], 11))
    expect(Object.keys(state.lives)).toHaveLength(8)
    expect(state.lives).not.toHaveProperty('live-0')
    expect(state.seq).toBe(12)
    // Its start is corrected to a later one: half a LIVE would be worse than none.
    fold(state, numbered([{ ...(starts[0] as Fields), live_started_at: at + 99 }], 13))
    expect(state.lives).not.toHaveProperty('live-0')
  })

  test('[TOTAL-2] the last 2 local days are held, whatever arrives late', () => {
    const day = (name: string): Fields => ({ type: 'comment', units: 1, day: name })
    const state = folded(day('2026-03-01'), day('2026-03-03'), day('2026-03-02'), day('2026-03-01'))
    expect(Object.keys(state.days).sort()).toEqual(['2026-03-02', '2026-03-03'])
    expect(live(state).totals.comments).toBe(4)
  })

  test('[TOTAL-2] the newest 360 ten-second buckets by event time are held', () => {
    const order = shuffle(
      1,
      times(400, (n) => n),
    )
    const state = folded(
      // The LIVE is open to the end first, so every event lies in its span.
      { type: 'comment', ts: at + 400 * 10_000 },
      ...order.map((n): Fields => ({ type: 'payment_completed', money: n, ts: at + n * 10_000 })),
      { type: 'payment_completed', money: 400, ts: at + 400 * 10_000 },
    )
    const { tens, tens_from, minutes, minutes_from } = live(state)
    expect(tens_from).toBe(at / 10_000 + 41)
    expect(tens.gmv).toEqual(times(360, (n) => n + 41))
    expect([minutes_from, minutes.gmv?.length]).toEqual([at / MINUTE_MS, 67])
  })

  test('[TOTAL-2] past 500 products and pins the rest is counted exactly in one sum', () => {
    const state = folded(
      ...times(
        520,
        (n): Fields => ({
          type: 'product_click',
          units: 2,
          product_id: `p${n}`,
          pin_id: `pin${n}`,
        }),
      ),
      { type: 'product_click', units: 1, product_id: 'p0', pin_id: 'pin0' },
    )
    const { products, product_rows, products_other, pins, pin_rows, pins_other } = live(state)
    expect([Object.keys(product_rows).length, Object.keys(pin_rows).length]).toEqual([500, 500])
    expect([products_other, pins_other]).toEqual(times(2, () => ({ product_clicks: 40 })))
    const first = [product_rows.p0 as number, pin_rows.pin0 as number] as const
    expect(products.product_clicks?.[first[0]]).toBe(3)
    expect(pins.product_clicks?.[first[1]]).toBe(3)
  })

  test('[TOTAL-2] the newest 50 happenings are held, without running totals that added nothing', () => {
    const state = folded(
      ...shuffle(
        2,
        times(70, (n) => n),
      ).map((n): Fields => ({ type: 'follow', id: `f${n}`, ts: at + n })),
      { type: 'gift', id: 'again', ts: at + 99, units: 0 },
      { type: 'gift', id: 'gift', ts: at + 99, units: 3, label: 'Petal', user_id: 'ann' },
    )
    const { recent } = live(state)
    expect(Object.keys(recent).sort()).toEqual([...times(49, (n) => `f${n + 21}`), 'gift'].sort())
    expect(recent.gift).toEqual({
      ts: at + 99,
      id: 'gift',
      type: 'gift',
      user_id: 'ann',
      label: 'Petal',
      quantity: 3,
    })
  })

  test('[COUNT-6] past 20 currencies the rest is one sum; orders and other money are separate', () => {
    const code = (n: number) => `X${String.fromCharCode(65 + n)}X`
    const state = folded(
      ...times(22, (n): Fields => ({ type: 'payment_completed', excluded: 1, currency: code(n) })),
      { type: 'payment_completed', excluded: 0, currency: code(0) },
      { type: 'order_refunded', excluded: 1, currency: code(0) },
    )
    const { excluded } = live(state)
    expect(Object.keys(excluded)).toHaveLength(21)
    expect(excluded[code(0)]).toEqual({ orders: 1, entries: 1 })
    expect(excluded.other).toEqual({ orders: 2, entries: 0 })
    expect(state.days['2026-03-02']?.excluded).toEqual(excluded)
  })
})

test('[TOTAL-1] an event type only a later release knows throws with the reason, and is not taken', () => {
  const log = numbered([{ type: 'comment' }, { type: 'comment' }])
  const state = fold(emptyState(), log.slice(0, 1))
  const before = structuredClone(state)
  const later = { ...log[1], type: 'poll_answered' } as unknown as NumberedEvent
  expect(() => fold(state, [later])).toThrow('"poll_answered", which this release doesn’t support')
  expect(state).toEqual(before)
  expect(fold(state, log.slice(1)).seq).toBe(2)
})

test('[TOTAL-1] an event that throws leaves the number unchanged', () => {
  const [event] = numbered([{ type: 'comment' }])
  const broken = {
    ...event,
    get session_id(): string {
      throw new Error('a defect')
    },
  } as unknown as NumberedEvent
  const state = emptyState()
  expect(() => fold(state, [broken])).toThrow('a defect')
  expect(state.seq).toBe(0)
})

describe('a LIVE', () => {
  test('[TOTAL-4] knows its start, title, end and last sign of life', () => {
    const state = folded(
      { type: 'comment', ts: at + 5_000, live_started_at: at + 5_000, attribution: 'time' },
      { type: 'live_started', label: 'Tea time', attribution: 'session' },
      { type: 'live_ended', ts: at + 60_000 },
      { type: 'order_refunded', ts: at + 900_000, money: 5, attribution: 'order' },
      { type: 'live_ended', ts: at + 50_000 },
    )
    expect(live(state)).toMatchObject({
      started_at: at,
      inferred: false,
      title: 'Tea time',
      ended_at: at + 60_000,
      last_at: at + 5_000,
      estimated: 1,
      totals: { refunds: 5 },
    })
  })

  test('[TOTAL-3] its series cover its start to 15 min past its end, without openings', () => {
    const like = (ts: number): Fields => ({ type: 'like', ts, units: 2, opening: 100 })
    const end = at + 10 * MINUTE_MS
    const state = folded(
      { type: 'live_ended', ts: end },
      like(at - 1),
      like(at),
      like(at + MINUTE_MS + 15_000),
      like(end + 15 * MINUTE_MS),
      like(end + 16 * MINUTE_MS),
    )
    // A like is a sign of life, but for a LIVE that has ended only the end counts.
    const { minutes, minutes_from, totals } = live(state)
    expect(totals.likes).toBe(510)
    expect(minutes_from).toBe(at / MINUTE_MS)
    expect(minutes.likes).toEqual(times(26, (n) => ([0, 1, 25].includes(n) ? 2 : 0)))
  })

  test('[TOTAL-4] the latest report of viewers wins by time, then by id, in any order', () => {
    const reports = [
      { type: 'viewer_count', id: 'b', ts: at + 1, level: 5, units: 5 },
      { type: 'viewer_count', id: 'c', ts: at + 1, level: 6, units: 6 },
      { type: 'viewer_count', id: 'z', ts: at, level: 99, units: 99 },
    ] as const satisfies Fields[]
    for (const seed of [1, 2, 3, 4]) {
      const state = folded(...shuffle(seed, reports))
      expect(live(state).viewers_now).toEqual({ value: 6, ts: at + 1, id: 'c' })
      expect(live(state).totals).toMatchObject({
        peak_viewers: 99,
        viewer_samples: 3,
        viewer_sample_sum: 110,
      })
    }
  })

  test('[TOTAL-4] pins and pauses are kept in order of time; too many pauses make the length unknown', () => {
    const state = folded(
      { type: 'product_unpinned', ts: at + 20 },
      { type: 'product_pinned', ts: at + 10, product_id: 'mug', label: 'Mug', id: 'pin' },
      { type: 'live_resumed', ts: at + 30 },
      { type: 'live_paused', ts: at + 25 },
    )
    expect(live(state).pin_marks.map(({ ts, product_id }) => [ts - at, product_id])).toEqual([
      [10, 'mug'],
      [20, null],
    ])
    expect(productName(live(state), 'mug')).toBe('Mug')
    expect(live(state).pauses.map(({ ts, paused }) => [ts - at, paused])).toEqual([
      [25, true],
      [30, false],
    ])
    const many = folded(...times(201, (n): Fields => ({ type: 'live_paused', ts: at + n })))
    expect([live(many).pauses.length, live(many).pauses_complete]).toEqual([200, false])
    expect(live(state).pauses_complete).toBe(true)
  })

  test('[TOTAL-4] gaps, notes, new prices and sold-out products are marks in order of time, bounded', () => {
    const state = folded(
      { type: 'note', ts: at + 30, label: 'guest joins' },
      { type: 'source_gap', ts: at + 10, quantity: 5_000, label: 'tiktok_live' },
      { type: 'price_changed', ts: at + 20, product_id: 'mug', label: 'Mug', amount: 990 },
      { type: 'stock_level', ts: at + 40, product_id: 'mug', level: 0, units: 1 },
      { type: 'stock_level', ts: at + 50, product_id: 'mug', level: 0 },
    )
    expect(live(state).marks.map(({ id: _, ...mark }) => mark)).toEqual([
      { ts: at + 10, kind: 'gap', until: at + 5_010, label: 'tiktok_live' },
      { ts: at + 20, kind: 'price', product_id: 'mug', label: 'Mug', amount: 990 },
      { ts: at + 30, kind: 'note', label: 'guest joins' },
      { ts: at + 40, kind: 'sold_out', product_id: 'mug' },
    ])
    const report = { type: 'stock_level', product_id: 'mug', id: 'report', ts: at + 60 } as const
    const soldOut: Fields = { ...report, level: 0, units: 1 }
    const takenBack: Fields = { ...report, level: 3, units: -1 }
    expect(live(folded(soldOut, takenBack)).marks).toEqual([])
    expect(live(folded(soldOut, takenBack, soldOut)).marks).toHaveLength(1)
    const many = folded(...times(51, (n): Fields => ({ type: 'note', ts: at + n, label: `${n}` })))
    expect(live(many).marks.map(({ label }) => label)).toEqual(times(50, (n) => `${n + 1}`))
  })

  test('[COUNT-3] stock is the newest written level of a product, for the creator as a whole', () => {
    const state = folded(
      { type: 'stock_level', product_id: 'mug', level: 40, ts: at + 5 },
      { type: 'stock_level', product_id: 'mug', level: 38, ts: at },
    )
    expect(state.stock).toEqual({ mug: 38 })
  })

  test('[COUNT-1] an event without a LIVE counts for its day alone', () => {
    const [event] = numbered([{ type: 'page_view', units: 1 }])
    const { session_id, live_started_at, ...rest } = event as NumberedEvent
    const state = fold(emptyState(), [rest])
    expect(state.lives).toEqual({})
    expect(state.days['2026-03-02']?.totals).toEqual({ page_views: 1 })
  })
})
