import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scaled } from '../../../scripts/test/long-run.ts'
import { fold } from '../fold.ts'
import { emptyState } from '../live-state.ts'
import { simulateLive } from '../simulator/simulate-live.ts'
import { numberedSimulation } from '../test/numbered-simulation.ts'
import { episodesIn, type PastEpisode } from './backtest.ts'
import { createCourse, createReplay, type KnownThen, type SeenEvent } from './course.ts'
import { evaluate, type Held } from './evaluate.ts'
import type { LastingCondition } from './kinds.ts'
import { newRule, type Rule } from './rule.ts'
import { keyOf } from './subject.ts'
import { livesOnAir, OLD_EVENT_MS } from './view.ts'

const startAt = Date.UTC(2026, 4, 4, 18)
const of = { currency: 'USD', timeZone: 'America/New_York' }
const known: KnownThen = () => ({
  usualOf: () => null,
  paceOf: () => null,
  goalOf: () => null,
  recordsOf: () => ({ minute_gmv: null, viewers: null }),
  topGifterOf: () => null,
  trafficOf: () => new Map(),
  sources: [],
})

function liveOf(seed: number, minutes: number): SeenEvent[] {
  const { events } = simulateLive({
    seed,
    sessionId: 'live',
    startAt,
    durationMs: minutes * 60_000,
    rate: 0.3,
    aftermath: false,
    ...of,
  })
  // What is sent arrives a moment later, and sometimes much later.
  let at = 0
  return numberedSimulation(events, of).map((event, n) => {
    at = Math.max(at, event.ts + (n % 97 === 0 ? 2_500 : 120))
    return { event, at }
  })
}

/** The engine: a look about each second, never at the same moment of it, reading its states back at every restart. */
function engine(rule: Rule, events: readonly SeenEvent[], jitter: number, restartEvery: number) {
  const state = emptyState()
  const seen = new Set<string>()
  let held = new Map<string, Held>()
  const episodes: PastEpisode[] = []
  let next = 0
  for (let look = 1; ; look++) {
    const now = (events[0]?.at ?? 0) + look * 1_000 - ((look * jitter) % 700)
    const due = []
    for (let one = events[next]; one && one.at <= now; one = events[++next]) due.push(one.event)
    fold(state, due)
    const newest = due.length === 0 ? null : Math.max(...due.map(({ ts }) => ts))
    const lives = livesOnAir(state, now, seen)
    const isOld = newest !== null && newest < now - OLD_EVENT_MS
    const view = { ...known(now), now, timeZone: of.timeZone, state, lives, isOld }
    if (look % restartEvery === 0) held = new Map(JSON.parse(JSON.stringify([...held])))
    for (const outcome of evaluate(rule, view, held)) {
      held.set(keyOf(outcome.held), outcome.held)
      const { transition } = outcome
      const { session_id, subject } = outcome.held
      if (transition?.kind === 'fired') {
        const { at: fired_at, peak, why } = transition
        const open = { ended_at: null, ended_why: null }
        episodes.push({ session_id, subject, fired_at, peak, why, ...open })
      } else if (transition) {
        const at = episodes.findLastIndex((one) => one.subject === subject)
        const fired = episodes[at]
        if (fired) episodes[at] = { ...fired, ended_at: transition.at, ended_why: transition.why }
      }
    }
    if (next >= events.length && lives.length === 0) return episodes
  }
}

function preview(rule: Rule, events: readonly SeenEvent[]) {
  const condition = rule.condition as LastingCondition
  const course = createCourse(condition)
  const replay = createReplay(known, of.timeZone, course.look)
  replay.take(events)
  replay.finish()
  return episodesIn(rule, condition, course)
}

const conditions = fc.oneof(
  fc.record({
    kind: fc.constant('below' as const),
    metric: fc.constant('ctr' as const),
    subject: fc.constant({ of: 'live' as const }),
    fires_at: fc.double({ min: 0.05, max: 0.4, noNaN: true }),
  }),
  fc.record({
    kind: fc.constant('above' as const),
    metric: fc.constantFrom('gmv' as const, 'comments' as const),
    subject: fc.constant({ of: 'live' as const }),
    over_minutes: fc.integer({ min: 1, max: 5 }),
    fires_at: fc.integer({ min: 1, max: 20_000 }),
  }),
  fc.record({
    kind: fc.constant('change' as const),
    metric: fc.constant('average_viewers' as const),
    subject: fc.constant({ of: 'live' as const }),
    window_minutes: fc.integer({ min: 1, max: 4 }),
    percent: fc.integer({ min: -40, max: -3 }),
  }),
  fc.record({
    kind: fc.constant('no_data' as const),
    metric: fc.constant('main_orders' as const),
    minutes: fc.integer({ min: 1, max: 5 }),
  }),
  fc.record({
    kind: fc.constant('below' as const),
    metric: fc.constant('c_o_rate' as const),
    subject: fc.constant({ of: 'product' as const, product_id: null }),
    fires_at: fc.double({ min: 0.01, max: 0.3, noNaN: true }),
  }),
)
const timing = fc.record({
  for_seconds: fc.constantFrom(0, 30, 120),
  keep_firing_seconds: fc.constantFrom(0, 30, 120),
  cooldown_seconds: fc.constantFrom(0, 300),
  minimum_sample: fc.constantFrom(0, 50),
})

const minute = (at: number | null) => (at === null ? null : (at - startAt) / 60_000)
const shown = (episodes: readonly PastEpisode[]) =>
  episodes.map(({ subject, fired_at, ended_at }) => ({
    subject,
    from: minute(fired_at),
    to: minute(ended_at),
  }))

describe('preview and engine', () => {
  test('[ALERT-4] a rule tried on a LIVE tells what the engine told, to the minute, whenever it looks and restarts', () => {
    let told = 0
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        conditions,
        timing,
        fc.integer({ min: 0, max: 699 }),
        fc.integer({ min: 1, max: 400 }),
        (seed, condition, times, jitter, restartEvery) => {
          const rule = { ...newRule.parse({ name: 'r', condition, ...times }), id: 'r' }
          const events = liveOf(seed, 15)
          const byEngine = shown(engine(rule, events, jitter, restartEvery))
          const byPreview = shown(preview(rule, events))
          const inOrder = (list: typeof byEngine) =>
            list.toSorted((a, b) =>
              a.subject < b.subject
                ? -1
                : a.subject > b.subject
                  ? 1
                  : (a.from ?? 0) - (b.from ?? 0),
            )
          const all = [inOrder(byEngine), inOrder(byPreview)] as const
          // What holds for less than a look, or until the LIVE ends, is seen by whoever looks just then.
          const look = 2 / 60
          const isTold = ({ from, to }: (typeof byEngine)[number]) =>
            (from ?? 0) < 15 - look && (to ?? 15) - (from ?? 0) > look
          const [a, b] =
            all[0].length === all[1].length ? all : [all[0].filter(isTold), all[1].filter(isTold)]
          expect(b.length, JSON.stringify({ a, b })).toBe(a.length)
          told += a.length
          a.forEach((one, at) => {
            const other = b[at]
            expect(other?.subject).toBe(one.subject)
            expect(Math.abs((other?.from ?? 0) - (one.from ?? 0))).toBeLessThan(1)
            expect(Math.abs((other?.to ?? 0) - (one.to ?? 0))).toBeLessThan(1)
          })
        },
      ),
      { numRuns: scaled(20, 200) },
    )
    expect(told).toBeGreaterThan(5)
  })
})
