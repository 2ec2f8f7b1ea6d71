import { describe, expect, test } from 'vitest'
import { scaled } from '../../../scripts/test/long-run.ts'
import { simulateLive } from '../simulator/simulate-live.ts'
import { numberedSimulation } from '../test/numbered-simulation.ts'
import { createReplay, type KnownThen } from './course.ts'
import { defaultAlerts, defaultRules } from './defaults.ts'
import { evaluate, type Held } from './evaluate.ts'
import { newRule, type Rule } from './rule.ts'
import { keyOf } from './subject.ts'

const startAt = Date.UTC(2026, 4, 4, 18)
const of = { currency: 'USD', timeZone: 'America/New_York' }

/** As on the first day: no goal, no earlier LIVE, one source that is fine. */
const known: KnownThen = () => ({
  usualOf: () => null,
  paceOf: () => null,
  goalOf: () => null,
  recordsOf: () => ({ minute_gmv: null, viewers: null }),
  topGifterOf: () => null,
  trafficOf: () => new Map(),
  sources: [{ id: 's', name: '@mira', state: 'receiving', down: false }],
})
const rules: Rule[] = defaultAlerts.map(({ origin, rule }) => ({
  ...newRule.parse(rule),
  id: origin,
}))

function firedIn(seed: number, minutes: number, rate: number) {
  const { events } = simulateLive({
    seed,
    sessionId: 'live',
    startAt,
    durationMs: minutes * 60_000,
    rate,
    aftermath: false,
    ...of,
  })
  const seen = numberedSimulation(events, of).map((event) => ({ event, at: event.ts }))
  const held = new Map(rules.map(({ id }) => [id, new Map<string, Held>()]))
  const fired: string[] = []
  const replay = createReplay(known, of.timeZone, (view) => {
    for (const rule of rules) {
      const states = held.get(rule.id) as Map<string, Held>
      for (const outcome of evaluate(rule, view, states)) {
        states.set(keyOf(outcome.held), outcome.held)
        const { transition } = outcome
        if (transition?.kind !== 'fired') continue
        const minute = Math.round((transition.at - startAt) / 60_000)
        fired.push(`${rule.id} at minute ${minute}: ${JSON.stringify(transition.why)}`)
      }
    }
  })
  replay.take(seen)
  replay.finish()
  return fired
}

describe('default rules', () => {
  test('[ALERT-3] a healthy LIVE raises none of them, whatever its size', () => {
    for (let seed = 1; seed <= scaled(3, 100); seed++) {
      const rate = [0.2, 0.5, 1][seed % 3] ?? 1
      expect(firedIn(seed, 60, rate), `seed ${seed}, rate ${rate}`).toEqual([])
    }
  })

  test('[ALERT-3] there are six, and one for each insight; all of them are valid', () => {
    expect(defaultAlerts).toHaveLength(6)
    expect(new Set(defaultRules.map(({ origin }) => origin)).size).toBe(defaultRules.length)
    for (const { rule } of defaultRules) expect(newRule.safeParse(rule).success).toBe(true)
  })
})
