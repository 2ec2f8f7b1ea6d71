import { createAttention } from '@creatorflow/shared/alerts/attention'
import { evaluate, type Held } from '@creatorflow/shared/alerts/evaluate'
import { newRule, type Rule } from '@creatorflow/shared/alerts/rule'
import { keyOf } from '@creatorflow/shared/alerts/subject'
import { livesOnAir, OLD_EVENT_MS, type View } from '@creatorflow/shared/alerts/view'
import { fold } from '@creatorflow/shared/fold'
import { emptyState } from '@creatorflow/shared/live-state'
import { createRandom } from '@creatorflow/shared/simulator/random'
import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import { numberedSimulation } from '@creatorflow/shared/test/numbered-simulation'
import { expect, test } from 'vitest'
import { scaled } from '../../../../../scripts/test/long-run.ts'
import { createUnsent } from '../../../live/unsent.ts'

const startAt = Date.UTC(2026, 4, 4, 18)
const of = { currency: 'USD', timeZone: 'America/New_York' }
const live = { of: 'live' } as const
const product = { of: 'product', product_id: null } as const

const conditions = [
  { kind: 'below', metric: 'ctr', subject: live, fires_at: 0.2 },
  { kind: 'above', metric: 'viewers_now', subject: live, fires_at: 60 },
  { kind: 'above', metric: 'gmv', subject: live, over_minutes: 2, fires_at: 9_000 },
  { kind: 'above', metric: 'average_viewers', subject: live, over_minutes: 1, fires_at: 50 },
  { kind: 'below', metric: 'c_o_rate', subject: product, fires_at: 0.05 },
  { kind: 'above', metric: 'items_sold', subject: product, fires_at: 3 },
  { kind: 'above', metric: 'comments', subject: { of: 'day' }, fires_at: 40 },
  { kind: 'change', metric: 'average_viewers', subject: live, window_minutes: 2, percent: -10 },
  { kind: 'no_data', metric: 'main_orders', minutes: 1 },
  { kind: 'oversold', product_id: null },
  { kind: 'runs_out', product_id: null, minutes: 30 },
  { kind: 'pin_without_click', minutes: 1 },
  ...(['first_order', 'orders', 'best_product', 'viewer_surge', 'sell_out'] as const).map(
    (insight) => ({ kind: 'insight', insight }) as const,
  ),
] as const

const known = {
  usualOf: () => null,
  paceOf: () => null,
  goalOf: () => null,
  recordsOf: () => ({ minute_gmv: null, viewers: null }),
  topGifterOf: () => null,
  trafficOf: () => undefined,
  sources: [],
}

/** A LIVE of which some arrives late, with pauses and products that sell more than there is. */
function arrivals(seed: number) {
  const random = createRandom(`attention/${seed}`)
  const { events } = simulateLive({
    seed,
    sessionId: 'live',
    startAt,
    durationMs: 12 * 60_000,
    rate: 0.5,
    aftermath: false,
    ...of,
  })
  let at = 0
  return numberedSimulation(events, of).map((event, n) => {
    at = Math.max(at, event.ts + (n % 61 === 0 ? random.between(0, 200_000) : 120))
    const isLow = event.type === 'stock_level' && n % 2 === 0
    return { event: isLow ? { ...event, level: random.between(0, 3) } : event, at }
  })
}

test('[ALERT-2] a rule that rests until something it reads changes tells what one tells that is looked at each second', () => {
  let outcomes = 0
  let looks = 0
  for (let seed = 1; seed <= scaled(4, 100); seed++) {
    const random = createRandom(`looks/${seed}`)
    const rules: Rule[] = conditions.map((condition, n) => ({
      ...newRule.parse({
        name: 'r',
        condition,
        for_seconds: (n + seed) % 3 === 0 ? 20 : 0,
        keep_firing_seconds: (n + seed) % 2 === 0 ? 15 : 0,
        cooldown_seconds: seed % 2 === 0 ? 40 : 0,
        minimum_sample: n % 4 === 0 ? 20 : 0,
      }),
      id: `rule-${n}`,
    }))
    const events = arrivals(seed)
    const state = emptyState()
    const unsent = createUnsent()
    const seen = new Set<string>()
    const full = rules.map(() => new Map<string, Held>())
    const rested = rules.map(() => new Map<string, Held>())
    let attention = createAttention()
    let looked: number | undefined
    let next = 0
    for (let now = startAt; next < events.length || seen.size > 0; ) {
      now += random.between(700, 1_600)
      const due = []
      for (let one = events[next]; one && one.at <= now; one = events[++next]) due.push(one.event)
      fold(state, due, unsent.touched)
      const newest = due.length === 0 ? null : Math.max(...due.map(({ ts }) => ts))
      const view: View = {
        ...known,
        now,
        timeZone: of.timeZone,
        state,
        lives: livesOnAir(state, now, seen),
        isOld: newest !== null && newest < now - OLD_EVENT_MS,
      }
      const changes = looked === undefined ? null : (unsent.since(state, looked) ?? null)
      if (random.between(0, 300) < 1) attention = createAttention()
      attention.begin(view, changes)
      if (random.between(0, 10) < 5) unsent.take(state, 'epoch')
      looked = state.seq
      rules.forEach((rule, n) => {
        const [a, b] = [full[n] as Map<string, Held>, rested[n] as Map<string, Held>]
        const byEachLook = evaluate(rule, view, a)
        const byAttention = attention.look(rule, b)
        const why = `seed ${seed}, rule ${rule.condition.kind}, ${now - startAt} ms`
        expect(byAttention, why).toEqual(byEachLook)
        for (const { held } of byEachLook) a.set(keyOf(held), held)
        for (const { held } of byAttention) b.set(keyOf(held), held)
        outcomes += byEachLook.filter(({ transition }) => transition).length
        looks++
      })
    }
  }
  expect(outcomes).toBeGreaterThan(50)
  expect(looks).toBeGreaterThan(10_000)
}, 300_000)
