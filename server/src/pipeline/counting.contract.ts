import { expect, test } from 'vitest'
import type { TestApp, TestCreator } from '../../test/harness.ts'
import { logOf, rowOf } from '../../test/log-rows.ts'
import type { EventRow } from '../eventlog/event-row.ts'

const START = Date.UTC(2026, 4, 1, 20)
const at = (minute: number) => START + minute * 60_000

type Event = { id: string; type: string } & Record<string, unknown>

/** How events become increments and find their LIVE, on any database. */
export function countingContract(app: () => TestApp) {
  async function send(creator: TestCreator, ...requests: Event[][]): Promise<EventRow[]> {
    for (const events of requests) {
      const { json } = await app().post(events, { key: creator.key })
      expect(json).toMatchObject({ accepted: events.length, rejected: [] })
    }
    return logOf(app().database, creator.id)
  }
  const sum = (rows: EventRow[], column: 'units' | 'opening' | 'money' | 'diamonds' | 'excluded') =>
    rows.reduce((total, row) => total + row[column], 0)
  const paid = (id: string, amount: number, more: object = {}): Event => ({
    id,
    type: 'payment_completed',
    ts: at(1),
    amount,
    ...more,
  })

  test('[COUNT-6] money in another currency is stored, left out of the sums and counted as excluded', async () => {
    const creator = await app().newCreator({ currency: 'EUR' })
    const rows = await send(creator, [
      paid('a', 1_000),
      paid('b', 500, { currency: 'EUR' }),
      paid('c', 700, { currency: 'USD', order_id: 'o' }),
      paid('d', 800, { currency: 'USD', order_id: 'o', sku_id: 's' }),
      { id: 'e', type: 'order_refunded', ts: at(2), amount: 100, currency: 'USD' },
      { id: 'f', type: 'ad_spend_incurred', ts: at(2), amount: 50, currency: 'EUR' },
    ])
    expect(sum(rows, 'money')).toBe(1_550)
    expect(sum(rows, 'excluded')).toBe(2)
    expect(rows.map((row) => row.currency)).toEqual(['EUR', 'EUR', 'USD', 'USD', 'USD', 'EUR'])
    expect(rows.map((row) => row.amount)).toEqual([1_000, 500, 700, 800, 100, 50])
  })

  test('[COUNT-1] an event belongs to the LIVE it names, else of its order, else of its time, else to none', async () => {
    const creator = await app().newCreator()
    await send(
      creator,
      [
        { id: 'start', type: 'live_started', ts: at(0), session_id: 'one' },
        paid('named', 1, { session_id: 'one', order_id: 'o1' }),
        { id: 'end', type: 'live_ended', ts: at(30), session_id: 'one' },
        { id: 'start-2', type: 'live_started', ts: at(60) },
      ],
      [
        { id: 'refund', type: 'order_refunded', ts: at(14_400), amount: 1, order_id: 'o1' },
        { id: 'by-time', type: 'product_click', ts: at(10), product_id: 'p' },
        { id: 'named-late', type: 'comment', ts: at(90), session_id: 'one' },
        { id: 'none', type: 'product_click', ts: at(45), product_id: 'p' },
        { id: 'second', type: 'share', ts: at(61) },
      ],
    )
    const found = async (id: string) => {
      const { session_id, attribution } = await rowOf(app().database, creator.id, id)
      return [session_id, attribution]
    }
    expect(await found('named')).toEqual(['one', 'session'])
    expect(await found('refund')).toEqual(['one', 'order'])
    expect(await found('by-time')).toEqual(['one', 'time'])
    expect(await found('named-late')).toEqual(['one', 'session'])
    expect(await found('none')).toEqual([null, null])
    expect(await found('start-2')).toEqual(['start-2', 'session'])
    expect(await found('second')).toEqual(['start-2', 'time'])
  })

  test('[COUNT-1] events of a pinned product up to the next pin belong to its pin', async () => {
    const creator = await app().newCreator()
    const live = { session_id: 'live' }
    const click = (id: string, minute: number, product_id = 'mug'): Event => ({
      id,
      type: 'product_click',
      ts: at(minute),
      product_id,
      ...live,
    })
    const rows = await send(
      creator,
      [
        { id: 'pin-1', type: 'product_pinned', ts: at(1), product_id: 'mug', ...live },
        click('before', 0),
        click('in', 2),
        click('other', 2, 'tea'),
        { id: 'unpin', type: 'product_unpinned', ts: at(10), product_id: 'mug', ...live },
      ],
      [
        click('late', 9),
        click('after', 11),
        { id: 'pin-2', type: 'product_pinned', ts: at(20), product_id: 'tea', ...live },
      ],
      [click('tea', 21, 'tea'), click('mug', 21), { ...click('own', 21), pin_id: 'mine' }],
    )
    expect(Object.fromEntries(rows.map((row) => [row.id, row.pin_id]))).toEqual({
      'pin-1': 'pin-1',
      before: null,
      in: 'pin-1',
      other: null,
      unpin: null,
      late: 'pin-1',
      after: null,
      'pin-2': 'pin-2',
      tea: 'pin-2',
      mug: null,
      own: 'mine',
    })
  })

  test("[COUNT-6] an order's value counts once when placed, and payments separately", async () => {
    const creator = await app().newCreator({ currency: 'EUR' })
    const placed = (id: string, more: object = {}): Event => ({
      id,
      type: 'order_created',
      ts: at(1),
      order_id: id.slice(0, 1),
      amount: 2_500,
      ...more,
    })
    const rows = await send(creator, [
      placed('a'),
      placed('a again'),
      placed('b', { currency: 'USD' }),
      paid('c', 2_500, { order_id: 'a' }),
    ])
    const created = rows.filter(({ type }) => type === 'order_created')
    expect([sum(created, 'money'), sum(created, 'excluded')]).toEqual([2_500, 0])
    expect(sum(rows, 'money')).toBe(5_000)
  })

  test('[COUNT-3] unnamed streaks last until their end, per sender, gift and receiver', async () => {
    const creator = await app().newCreator()
    const said = (name: string, reports: string[], more: object = {}): Event[] =>
      reports.map((report, n) => ({
        id: `${name}${n}`,
        type: 'gift',
        ts: at(1) + n * 100,
        session_id: 'live',
        user_id: 'ann',
        quantity: Number.parseInt(report, 10),
        properties: { gift_id: 'rose', diamond_count: 5, streak_end: report.endsWith('!') },
        ...more,
      }))
    const all = [
      ...said('a', ['1', '2', '3', '3!', '1', '1!']),
      ...said('b', ['1', '2', '2!'], { user_id: 'bob' }),
      ...said('g', ['1', '4', '4!'], { type: 'guest_gift' }),
    ]
    const rows = await send(creator, ...all.toReversed().map((event) => [event]))
    await app().post(all, { key: creator.key })
    const of = (type: string) => rows.filter((row) => row.type === type)
    expect([sum(of('gift'), 'units'), sum(of('gift'), 'diamonds')]).toEqual([6, 30])
    expect([sum(of('guest_gift'), 'units'), sum(of('guest_gift'), 'diamonds')]).toEqual([4, 20])
    expect(await logOf(app().database, creator.id)).toHaveLength(all.length)
  })

  test('[COUNT-3] a gift streak counts up to its greatest count, in any order; a gift without a streak in full', async () => {
    const creator = await app().newCreator()
    const gift = (id: string, quantity: number, streak_id?: string): Event => ({
      id,
      type: 'gift',
      ts: at(3),
      session_id: 'live',
      user_id: 'u',
      quantity,
      properties: { gift_id: 'rose', diamond_count: 5, ...(streak_id && { streak_id }) },
    })
    const rows = await send(
      creator,
      [gift('a', 3, 's'), gift('b', 1, 's'), gift('c', 7, 's')],
      [gift('d', 5, 's'), gift('e', 9, 's'), gift('f', 2, 't'), gift('g', 2), gift('h', 2)],
    )
    expect(rows.map((row) => row.units)).toEqual([3, 0, 4, 0, 2, 2, 2, 2])
    expect(sum(rows, 'diamonds')).toBe(15 * 5)
  })

  test("[COUNT-3] likes count up to their greatest total; a LIVE's first total is its opening", async () => {
    const creator = await app().newCreator()
    const likes = (id: string, quantity: number, total?: number, session_id = 'live'): Event => ({
      id,
      type: 'like',
      ts: at(3),
      session_id,
      quantity,
      ...(total !== undefined && { properties: { total } }),
    })
    const rows = await send(
      creator,
      [likes('a', 5, 1_000), likes('b', 5, 1_010), likes('c', 5, 1_005)],
      [likes('d', 5, 1_030), likes('e', 4), likes('f', 1, 50, 'other')],
    )
    expect(rows.map(({ opening, units }) => [opening, units])).toEqual([
      [1_000, 0],
      [0, 10],
      [0, 0],
      [0, 20],
      [0, 4],
      [50, 0],
    ])
  })

  test('[COUNT-3] a running total of a video, LIVE or product counts up to its greatest, in any order', async () => {
    const creator = await app().newCreator()
    const told = (id: string, type: string, total: number, more: object): Event => ({
      id,
      type,
      ts: at(Number(id.slice(1))),
      properties: { total },
      ...more,
    })
    const video = { video_id: 'v' }
    const live = { session_id: 'live' }
    const ofMug = { ...live, product_id: 'mug' }
    const rows = await send(
      creator,
      [told('a1', 'video_view', 1_000, video), told('a3', 'video_view', 1_500, video)],
      [told('a2', 'video_view', 1_200, video), told('b1', 'video_view', 70, { video_id: 'w' })],
      [{ id: 'c1', type: 'video_view', ts: at(1), quantity: 5, ...video }],
      [told('d1', 'product_click', 10, ofMug), told('d2', 'product_click', 14, ofMug)],
      [told('e1', 'product_click', 3, { ...live, product_id: 'tea' })],
      [told('f1', 'share', 6, live), told('f2', 'share', 4, live)],
      [told('g1', 'comment', 8, live), told('h1', 'viewer_joined', 90, live)],
      [told('h2', 'viewer_joined', 95, live), told('i1', 'live_impression', 900, live)],
      [told('j1', 'product_impression', 50, ofMug), told('j2', 'product_impression', 60, ofMug)],
    )
    const sums: Record<string, number> = {}
    for (const { type, units, opening } of rows) sums[type] = (sums[type] ?? 0) + units + opening
    expect(sums).toEqual({
      video_view: 1_575,
      product_click: 17,
      share: 6,
      comment: 8,
      viewer_joined: 95,
      live_impression: 900,
      product_impression: 60,
    })
    const { json } = await app().post([told('x', 'video_view', 1, {})], { key: creator.key })
    expect(json).toMatchObject({
      rejected: [{ code: 'invalid_event', message: expect.stringContaining('video_id') }],
    })
  })

  test('[COUNT-3] the stock of a product is the sum of its SKUs, each at its latest report', async () => {
    const creator = await app().newCreator()
    const stock = (id: string, minute: number, quantity: number, of: object): Event => ({
      id,
      type: 'stock_level',
      ts: at(minute),
      quantity,
      ...of,
    })
    const red = { product_id: 'mug', sku_id: 'red' }
    const rows = await send(
      creator,
      [stock('a', 1, 10, red), stock('b', 2, 5, { product_id: 'mug', sku_id: 'blue' })],
      [stock('c', 5, 7, red), stock('d', 3, 99, red), stock('e', 6, 4, { sku_id: 'alone' })],
    )
    expect(rows.map(({ product_id, level }) => [product_id, level])).toEqual([
      ['mug', 10],
      ['mug', 15],
      ['mug', 12],
      ['mug', 12],
      ['alone', 4],
    ])
  })

  test('[TOTAL-4] a product sells out once, until it is restocked', async () => {
    const creator = await app().newCreator()
    const left = (id: string, minute: number, quantity: number, sku_id: string): Event => ({
      id,
      type: 'stock_level',
      ts: at(minute),
      quantity,
      product_id: 'mug',
      sku_id,
    })
    const rows = await send(creator, [
      left('a', 1, 1, 'red'),
      left('b', 2, 2, 'blue'),
      left('c', 3, 0, 'red'),
      left('d', 4, 0, 'blue'),
      left('e', 5, 0, 'blue'),
      left('f', 6, 3, 'red'),
      left('g', 7, 0, 'red'),
    ])
    expect(rows.map(({ units }) => units)).toEqual([0, 0, 0, 1, 0, 0, 1])
  })

  test('[COUNT-4] orders, their SKUs, customers and viewers count at first sight', async () => {
    const creator = await app().newCreator()
    const line = { order_id: 'o', customer_id: 'c', session_id: 'live' }
    const rows = await send(
      creator,
      [paid('a', 1, { ...line, sku_id: 'x' }), paid('b', 1, { ...line, sku_id: 'x' })],
      [paid('c', 1, { ...line, sku_id: 'y' }), paid('d', 1), paid('e', 1, { customer_id: 'c' })],
      [
        { id: 'f', type: 'viewer_joined', ts: at(2), session_id: 'live', user_id: 'u' },
        { id: 'g', type: 'viewer_joined', ts: at(3), session_id: 'live', user_id: 'u' },
        { id: 'h', type: 'viewer_joined', ts: at(3), session_id: 'two', user_id: 'u' },
      ],
    )
    const marks = rows.map((row) => [
      row.id,
      [row.main_order, row.sku_order],
      [row.live_first, row.day_first, row.ever_first],
    ])
    expect(marks).toEqual([
      ['a', [1, 1], [1, 1, 1]],
      ['b', [0, 0], [0, 0, 0]],
      ['c', [0, 1], [0, 0, 0]],
      ['d', [1, 1], [0, 0, 0]],
      ['e', [1, 1], [0, 0, 0]],
      ['f', [0, 0], [1, 1, 0]],
      ['g', [0, 0], [0, 0, 0]],
      ['h', [0, 0], [1, 0, 0]],
    ])
  })

  test('[COUNT-5] the day of an event is the local date of its creator', async () => {
    const creator = await app().newCreator({ timeZone: 'Asia/Kolkata' })
    const rows = await send(creator, [
      { id: 'a', type: 'share', ts: '2026-03-01T18:29:59Z' },
      { id: 'b', type: 'share', ts: '2026-03-01T18:30:00Z' },
    ])
    expect(rows.map((row) => row.day)).toEqual(['2026-03-01', '2026-03-02'])
  })
}
