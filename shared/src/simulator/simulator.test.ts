import { describe, expect, test } from 'vitest'
import { eventTypeNames } from '../event-types.ts'
import { parseEvent } from '../events.ts'
import { baseMetricIds } from '../metrics.ts'
import { localDay } from '../present.ts'
import { shuffle, withDuplicates } from './disorder.ts'
import { createRandom } from './random.ts'
import { type SimulatedEvent, simulateLive, streamLive } from './simulate-live.ts'

const options = {
  seed: 7,
  sessionId: 'evening',
  startAt: Date.UTC(2026, 2, 2, 18),
  durationMs: 30 * 60_000,
  rate: 0.5,
  currency: 'USD',
  timeZone: 'Europe/Berlin',
}
const live = simulateLive(options)
const { events, truth } = live
const of = (...types: string[]) => events.filter(({ type }) => types.includes(type))
const sum = (list: readonly number[]) => list.reduce((total, value) => total + value, 0)
const units = (...types: string[]) => sum(of(...types).map(({ quantity = 1 }) => quantity))
const amounts = (type: string) =>
  sum(
    of(type)
      .filter(({ currency = 'USD' }) => currency === 'USD')
      .map(({ amount = 0 }) => amount),
  )
const distinct = (values: readonly unknown[]) => new Set(values).size

describe('a simulated LIVE', () => {
  test('[SIM-1] is the same for the same seed, and different for another seed or LIVE', () => {
    expect(simulateLive(options)).toEqual(live)
    const ids = new Set(events.map(({ id }) => id))
    expect(ids.size).toBe(events.length)
    for (const other of [{ seed: 8 }, { sessionId: 'morning' }]) {
      const { events: others } = simulateLive({ ...options, ...other })
      expect(others.some(({ id }) => ids.has(id))).toBe(false)
      expect(others.map(({ ts }) => ts)).not.toEqual(events.map(({ ts }) => ts))
    }
  })

  test('[SIM-1] comes in order of time, names its LIVE and passes every schema', () => {
    let before = options.startAt
    for (const event of events) {
      expect(event.ts >= before && Number.isSafeInteger(event.ts)).toBe(true)
      before = event.ts
      expect(event.session_id).toBe('evening')
      const parsed = parseEvent(event)
      if (!parsed.ok) throw new Error(`${event.type}: ${parsed.reject.message}`)
    }
    const { events: named } = simulateLive({ ...options, rate: 0.02, creatorId: 'ana' })
    expect(new Set(named.map(({ creator_id }) => creator_id))).toEqual(new Set(['ana']))
  })

  test('[SIM-1] has every type of the catalogue over a few seeds', () => {
    const seen = new Set<string>()
    for (let seed = 0; seed < 8; seed++) {
      for (const { type } of simulateLive({ ...options, seed, rate: 0.1 }).events) seen.add(type)
    }
    expect(eventTypeNames.filter((type) => !seen.has(type))).toEqual([])
  })

  test('[SIM-1] streams lazily: its totals at any time cover what happened until then', () => {
    const stream = streamLive(options)
    const taken: SimulatedEvent[] = []
    for (const event of stream.events) {
      taken.push(event)
      if (event.ts > options.startAt + 10 * 60_000) break
    }
    const soFar = stream.truth()
    expect(taken).toEqual(events.slice(0, taken.length))
    expect(soFar.ended_at).toBeNull()
    expect(soFar.totals.views).toBe(taken.filter(({ type }) => type === 'viewer_joined').length)
    expect(truth.ended_at).toBe(of('live_ended')[0]?.ts)
    expect(truth.events).toBe(events.length)
  })

  test('[SIM-1] without its aftermath it is over soon after the LIVE', () => {
    const { events: short } = simulateLive({ ...options, aftermath: false })
    const last = short.at(-1)?.ts ?? 0
    expect(last - options.startAt - options.durationMs).toBeLessThan(3 * 60_000)
    expect((events.at(-1)?.ts ?? 0) - options.startAt).toBeGreaterThan(3 * 86_400_000)
  })
})

describe('its truth, counted a second time over the events', () => {
  test('[SIM-1] money and orders', () => {
    const home = of('payment_completed').filter(({ currency }) => currency === 'USD')
    const orderOf = ({ order_id, id }: SimulatedEvent) => order_id ?? id
    expect(home.length).toBeGreaterThan(60)
    expect(truth.totals).toMatchObject({
      gmv: amounts('payment_completed'),
      main_orders: distinct(home.map(orderOf)),
      sku_orders: distinct(
        home.map((event) => `${orderOf(event)} ${event.sku_id ?? event.product_id}`),
      ),
      items_sold: sum(home.map(({ quantity = 1 }) => quantity)),
      refunds: amounts('order_refunded'),
      product_costs: amounts('product_cost_incurred'),
      shipping_costs: amounts('shipping_cost_incurred'),
      ad_spend: amounts('ad_spend_incurred'),
      created_orders: distinct(of('order_created').map(({ order_id }) => order_id)),
      shipped_orders: distinct(of('order_shipped').map(({ order_id }) => order_id)),
      cancelled_orders: distinct(of('order_cancelled').map(({ order_id }) => order_id)),
      returned_items: units('order_returned'),
      customers: distinct(of('payment_completed').flatMap(({ customer_id }) => customer_id ?? [])),
    })
    expect(distinct(truth.people.known_customers)).toBe(truth.totals.new_customers)
    const foreign = of('payment_completed').filter(({ currency }) => currency === 'EUR')
    expect(truth.excluded.EUR?.orders).toBe(distinct(foreign.map(orderOf)))
    expect(truth.excluded.EUR?.orders).toBeGreaterThan(0)
  })

  test('[SIM-1] the room: people, running totals of likes, streaks of gifts, viewers', () => {
    const totals = of('like').map(({ properties }) => Number(properties?.total ?? 0))
    const bare = of('like').filter(({ properties }) => properties?.total === undefined)
    expect(truth.totals.likes).toBe(
      Math.max(...totals) + sum(bare.map(({ quantity = 1 }) => quantity)),
    )
    const gifts = new Map<string, readonly [count: number, diamonds: number]>()
    for (const { id, user_id, quantity = 1, properties } of of('gift')) {
      const { gift_id, streak_id, diamond_count } = properties ?? {}
      const key = streak_id === undefined ? id : `${user_id} ${gift_id} ${streak_id}`
      const count = Math.max(quantity, gifts.get(key)?.[0] ?? 0)
      gifts.set(key, [count, count * Number(diamond_count)])
    }
    const samples = of('viewer_count').map(({ quantity = 0 }) => quantity)
    expect(truth.totals).toMatchObject({
      gifts: sum([...gifts.values()].map(([count]) => count)),
      diamonds: sum([...gifts.values()].map(([, diamonds]) => diamonds)),
      views: units('viewer_joined'),
      viewers: distinct(of('viewer_joined').flatMap(({ user_id }) => user_id ?? [])),
      live_impressions: units('live_impression'),
      peak_viewers: Math.max(...samples),
      viewer_samples: samples.length,
      viewer_sample_sum: sum(samples),
      comments: units('comment'),
    })
    expect(truth.viewers_now?.value).toBe(samples.at(-1))
  })

  test('[SIM-1] products, pins, stock and local days', () => {
    const clicks = of('product_click')
    for (const [id, totals] of Object.entries(truth.products)) {
      const mine = clicks.filter(({ product_id }) => product_id === id)
      expect(totals.product_clicks ?? 0).toBe(mine.length)
    }
    expect(Object.keys(truth.pins).length).toBeGreaterThan(4)
    for (const [id, totals] of Object.entries(truth.pins)) {
      expect(of('product_pinned').some((pin) => pin.id === id)).toBe(true)
      expect(totals.product_clicks ?? 0).toBe(clicks.filter(({ pin_id }) => pin_id === id).length)
    }
    const left = new Map<string, SimulatedEvent>()
    for (const event of of('stock_level')) left.set(event.sku_id ?? event.product_id ?? '', event)
    for (const [id, stock] of Object.entries(truth.stock)) {
      const skus = [...left.values()].filter(({ product_id }) => product_id === id)
      expect(stock).toBe(sum(skus.map(({ quantity = 0 }) => quantity)))
    }
    for (const [day, { totals }] of Object.entries(truth.days)) {
      const refunded = of('order_refunded').filter(
        ({ ts, currency }) => currency === 'USD' && localDay(ts, 'Europe/Berlin') === day,
      )
      expect(totals.refunds ?? 0).toBe(sum(refunded.map(({ amount = 0 }) => amount)))
    }
    expect(truth.order_dependent).toEqual([])
    for (const id of baseMetricIds.filter((id) => id !== 'total_users' && id !== 'peak_viewers')) {
      const days = sum(Object.values(truth.days).map(({ totals }) => totals[id] ?? 0))
      expect([id, days]).toEqual([id, truth.totals[id] ?? 0])
    }
  })

  test('[SIM-1] names the day totals that depend on arrival order when a LIVE crosses midnight', () => {
    const { truth: late } = simulateLive({
      ...options,
      startAt: Date.UTC(2026, 2, 2, 22, 45),
    })
    expect(late.order_dependent).toEqual(expect.arrayContaining(['likes', 'gifts', 'diamonds']))
    expect(Object.keys(late.days).slice(0, 2)).toEqual(['2026-03-02', '2026-03-03'])
  })
})

describe('it is believable', () => {
  test('[SIM-1] a pin lifts the clicks of its product', () => {
    let pinned: string | undefined
    let pinnedAt = 0
    const seconds = { pinned: 0, other: 0 }
    const clicks = { pinned: 0, other: 0 }
    const mark = (ts: number, product?: string) => {
      if (pinned === 'mug') seconds.pinned += ts - pinnedAt
      else seconds.other += ts - pinnedAt
      pinned = product
      pinnedAt = ts
    }
    for (const { type, ts, product_id } of events) {
      if (type === 'product_pinned') mark(ts, product_id)
      if (type === 'product_unpinned') mark(ts)
      if (type === 'product_click' && product_id === 'mug')
        clicks[pinned === 'mug' ? 'pinned' : 'other']++
    }
    expect(clicks.pinned / seconds.pinned).toBeGreaterThan((3 * clicks.other) / seconds.other)
  })

  test('[SIM-1] the funnel narrows, some orders stay unpaid, some hold several SKUs', () => {
    const steps = [
      'live_impressions',
      'views',
      'product_clicks',
      'add_to_carts',
      'checkouts',
      'created_orders',
      'main_orders',
    ] as const
    const counts = steps.map((id) => truth.totals[id] ?? 0)
    const afterClicks = counts.slice(2)
    expect([...afterClicks].sort((a, b) => b - a)).toEqual(afterClicks)
    expect(counts[0]).toBeGreaterThan(counts[1] ?? 0)
    expect(truth.totals.sku_orders).toBeGreaterThan(truth.totals.main_orders ?? 0)
    expect(truth.totals.items_sold).toBeGreaterThan(truth.totals.sku_orders ?? 0)
    expect(truth.totals.retained_customers).toBeGreaterThan(0)
  })

  test.each([1, 2, 3, 'demo'])(
    '[SIM-1] its rates are those of a good LIVE, with seed %s',
    (seed) => {
      const { truth } = simulateLive({ ...options, seed, durationMs: 20 * 60_000 })
      const total = (id: keyof typeof truth.totals) => truth.totals[id] ?? 0
      const rate = (of: keyof typeof truth.totals, to: keyof typeof truth.totals) =>
        total(of) / total(to)
      const between = (low: number, value: number, high: number) => {
        expect(value).toBeGreaterThan(low)
        expect(value).toBeLessThan(high)
      }
      between(0.1, rate('views', 'live_impressions'), 0.3)
      // A share of views: far from all of them.
      between(0.1, rate('product_clicks', 'views'), 0.5)
      between(0.02, rate('product_clicks', 'product_impressions'), 0.15)
      between(0.2, rate('add_to_carts', 'product_clicks'), 0.5)
      between(0.4, rate('checkouts', 'add_to_carts'), 0.85)
      between(0.6, rate('main_orders', 'checkouts'), 1)
      between(0.05, rate('sku_orders', 'product_clicks'), 0.45)
      between(0.005, rate('main_orders', 'views'), 0.15)
    },
  )

  test('[SIM-1] it has real-world irregularities', () => {
    const totals = of('like').flatMap(
      ({ properties }) => Number(properties?.total ?? Number.NaN) || [],
    )
    expect(totals.some((total, n) => total < (totals[n - 1] ?? 0))).toBe(true)
    expect(of('like').some(({ properties }) => properties === undefined)).toBe(true)
    const streaks = Map.groupBy(
      of('gift').filter(({ properties }) => properties?.streak_id !== undefined),
      ({ user_id, properties }) => `${user_id} ${properties?.gift_id} ${properties?.streak_id}`,
    )
    const ends = [...streaks.values()].map((steps) =>
      steps.some((step) => step.properties?.streak_end),
    )
    expect(ends).toContain(true)
    expect(ends).toContain(false)
    expect([...streaks.values()].some((steps) => steps.length > 3)).toBe(true)
    expect(of('gift').some(({ properties }) => properties?.streak_id === undefined)).toBe(true)
    expect(of('viewer_joined').some(({ user_id }) => user_id === undefined)).toBe(true)
    expect(of('order_created').length).toBeGreaterThan(truth.totals.created_orders ?? 0)
  })
})

describe('disorder', () => {
  test('[SIM-1] shuffling keeps every item, duplicating keeps every id', () => {
    const some = events.slice(0, 500)
    const shuffled = shuffle(1, some)
    expect(shuffled).not.toEqual(some)
    expect(shuffle(1, some)).toEqual(shuffled)
    expect([...shuffled].sort((a, b) => some.indexOf(a) - some.indexOf(b))).toEqual(some)
    const more = withDuplicates(1, some)
    expect(more.length).toBeGreaterThan(520)
    expect([...new Set(more)]).toEqual(some)
  })

  test('[SIM-1] randomness is even: means and bounds are as requested', () => {
    const random = createRandom('dice')
    const rolls = Array.from({ length: 60_000 }, () => random.between(1, 6))
    for (const face of [1, 2, 3, 4, 5, 6]) {
      expect(Math.abs(rolls.filter((roll) => roll === face).length - 10_000)).toBeLessThan(500)
    }
    for (const mean of [0.2, 4, 200]) {
      const draws = Array.from({ length: 20_000 }, () => random.poisson(mean))
      expect(Math.abs(sum(draws) / draws.length / mean - 1)).toBeLessThan(0.05)
    }
    expect(() => random.pick([])).toThrow('nothing to pick from')
  })
})
