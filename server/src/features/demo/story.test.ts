import { describe, expect, test } from 'vitest'
import {
  BEGAN_BEFORE_MS,
  beginOf,
  type Chapter,
  chapterEvents,
  pastChapters,
  presentChapter,
} from './story.ts'

const MINUTE_MS = 60_000
const demo = { id: 'demo', currency: 'USD', time_zone: 'UTC' }
const start = Date.UTC(2026, 11, 1, 18)
const eventsOf = (chapter: Chapter, presentStart = start) => [
  ...chapterEvents(chapter, presentStart, demo),
]
const gmvOf = (chapter: Chapter, from = 0, to = 1) =>
  eventsOf(chapter)
    .filter(({ type, currency }) => type === 'payment_completed' && currency === 'USD')
    .filter(({ ts }) => {
      const part = (ts - beginOf(chapter, start)) / (chapter.minutes * MINUTE_MS)
      return part >= from && part < to
    })
    .reduce((sum, { amount = 0 }) => sum + amount, 0)
const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length
const named = (word: 'good' | 'bad') =>
  pastChapters.filter(({ title }) =>
    word === 'bad' ? /Quick|Late/.test(title) : /Teapot|mystery/.test(title),
  )
const ordinary = pastChapters.filter(
  (one) => !named('good').includes(one) && !named('bad').includes(one),
)

describe('the story of the demo', () => {
  test('[DEMO-1] is the same each time except for its dates', () => {
    const later = 3 * 86_400_000 + 7 * MINUTE_MS
    const seen = (presentStart: number) =>
      eventsOf(presentChapter, presentStart).map(({ ts, type, amount, product_id }) => [
        ts - presentStart,
        type,
        amount,
        product_id,
      ])
    expect(seen(start + later)).toEqual(seen(start))
    const ids = new Set(eventsOf(presentChapter).map(({ id }) => id))
    expect(eventsOf(presentChapter, start + later).some(({ id }) => ids.has(id))).toBe(false)
  })

  test('[DEMO-1] the past is ten LIVEs in the last two weeks that do not overlap', () => {
    expect(pastChapters).toHaveLength(10)
    const spans = [presentChapter, ...pastChapters].map((chapter) => {
      const begin = beginOf(chapter, start)
      return { begin, end: begin + chapter.minutes * MINUTE_MS }
    })
    for (const [n, { end }] of spans.entries()) {
      const after = spans[n - 1]
      if (after) expect(end).toBeLessThan(after.begin)
    }
    const oldest = spans.at(-1)?.begin ?? 0
    expect(start + BEGAN_BEFORE_MS - oldest).toBeLessThan(14 * 86_400_000)
  })

  test('[DEMO-1] nothing runs out in the past, so that storing it later asks for no recount', () => {
    const least = pastChapters.flatMap((chapter) =>
      eventsOf(chapter).flatMap(({ type, quantity }) => (type === 'stock_level' ? quantity : [])),
    )
    expect(Math.min(...least.map(Number))).toBeGreaterThan(0)
  })

  test('[DEMO-1] good LIVEs sell more toward the end, bad ones fade: the kinds differ', () => {
    const [good, usual, bad] = [named('good'), ordinary, named('bad')].map((chapters) =>
      mean(chapters.map((chapter) => gmvOf(chapter))),
    ) as [number, number, number]
    expect(good).toBeGreaterThan(usual * 1.4)
    expect(bad).toBeLessThan(usual / 2.5)
    for (const chapter of named('good')) {
      expect(gmvOf(chapter, 0.7)).toBeGreaterThan(2 * gmvOf(chapter, 0, 0.3))
    }
  })

  test('[DEMO-1] at minute 40 much is happening, and the box sells out within ten minutes', () => {
    const now = start + BEGAN_BEFORE_MS
    const boxes = eventsOf(presentChapter).filter(({ product_id }) => product_id === 'mystery-box')
    const stock = boxes.filter(({ type }) => type === 'stock_level')
    const left = stock.filter(({ ts }) => ts <= now).at(-1)?.quantity ?? 0
    expect(left).toBeGreaterThan(15)
    const out = stock.find(({ quantity }) => quantity === 0)
    expect(out?.ts).toBeGreaterThan(now + 2 * MINUTE_MS)
    expect(out?.ts).toBeLessThan(now + 10 * MINUTE_MS)
    const sold = boxes
      .filter(({ type }) => type === 'payment_completed')
      .reduce((sum, { quantity = 1 }) => sum + quantity, 0)
    expect(sold).toBeLessThanOrEqual(stock[0]?.quantity ?? 0)
    expect(gmvOf(presentChapter, 0, 40 / presentChapter.minutes)).toBeGreaterThan(300_000)
  })

  test("[DEMO-1] all money is in the creator's currency, so no page says that orders are left out", () => {
    for (const chapter of [presentChapter, ...pastChapters]) {
      const currencies = eventsOf(chapter).flatMap(({ currency }) => currency ?? [])
      expect(currencies.length).toBeGreaterThan(20)
      expect(new Set(currencies), chapter.plot).toEqual(new Set(['USD']))
    }
  })

  test('[DEMO-1] rates are realistic, and buyers have different names', () => {
    const count = (...types: string[]) =>
      eventsOf(presentChapter)
        .filter(({ type }) => types.includes(type))
        .reduce((sum, { quantity = 1 }) => sum + quantity, 0)
    const clicked = count('product_click') / count('viewer_joined')
    expect(clicked).toBeGreaterThan(0.2)
    expect(clicked).toBeLessThan(0.9)
    const events = eventsOf(presentChapter)
    const nameOf = new Map(events.map(({ user_id, user }) => [user_id, user?.name]))
    for (const { user_id, user } of events) if (user) nameOf.set(user_id, user.name)
    const buyers = new Set(
      events.flatMap(({ type, customer_id }) =>
        type === 'payment_completed' && customer_id ? [customer_id] : [],
      ),
    )
    expect(buyers.size).toBeGreaterThan(100)
    const names = [...buyers].map((id) => nameOf.get(id))
    expect(names).not.toContain(undefined)
    expect(new Set(names).size).toBeGreaterThan(names.length * 0.95)
  })
})
