import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type AlertState,
  end,
  firstState,
  type Signal,
  type SignalPhase,
  step,
  type Timing,
  type Transition,
} from './step.ts'

const SECOND = 1_000
const above = (a: number, b: number) => a > b
const signalOf = (phase: SignalPhase, value: number | null = null): Signal => ({
  phase,
  value,
  why: { kind: 'unknown', reason: phase },
})

/** Steps through signals a second apart. */
function run(phases: readonly SignalPhase[], timing: Timing, from: AlertState = firstState) {
  const transitions: Transition[] = []
  let state = from
  for (const [n, phase] of phases.entries()) {
    const done = step(state, signalOf(phase, n), n * SECOND, timing, above)
    state = done.state
    if (done.transition) transitions.push(done.transition)
  }
  return { state, transitions }
}

const phases = fc.array(
  fc.constantFrom<SignalPhase[]>('breach', 'near', 'clear', 'no_data', 'error'),
  { maxLength: 80 },
)
const timings = fc.record({
  forMs: fc.integer({ min: 0, max: 5 }).map((s) => s * SECOND),
  keepFiringMs: fc.integer({ min: 0, max: 5 }).map((s) => s * SECOND),
  cooldownMs: fc.integer({ min: 0, max: 10 }).map((s) => s * SECOND),
})

describe('the states of a rule', () => {
  test('[ALERT-1] firings and recoveries alternate, each episode with a number of its own', () => {
    fc.assert(
      fc.property(phases, timings, (seen, timing) => {
        const { transitions } = run(seen, timing)
        for (const [n, { kind, episode }] of transitions.entries()) {
          expect(kind).toBe(n % 2 === 0 ? 'fired' : 'recovered')
          expect(episode).toBe(Math.floor(n / 2) + 1)
        }
      }),
    )
  })

  test('[ALERT-1] it fires only after a breach that lasted without a break', () => {
    fc.assert(
      fc.property(phases, timings, (seen, timing) => {
        for (const { kind, at } of run(seen, timing).transitions) {
          if (kind !== 'fired') continue
          const last = seen.slice(at / SECOND - timing.forMs / SECOND, at / SECOND + 1)
          expect(new Set(last)).toEqual(new Set(['breach']))
          expect(last).toHaveLength(timing.forMs / SECOND + 1)
        }
      }),
    )
  })

  test('[ALERT-1] it recovers only after it was clear for long enough, what is not known apart', () => {
    fc.assert(
      fc.property(phases, timings, (seen, timing) => {
        for (const { kind, at } of run(seen, timing).transitions) {
          if (kind !== 'recovered') continue
          expect(seen[at / SECOND]).toBe('clear')
          const last = seen.slice((at - timing.keepFiringMs) / SECOND, at / SECOND)
          expect(last.every((phase) => phase !== 'breach' && phase !== 'near')).toBe(true)
        }
      }),
    )
  })

  test('[ALERT-1] nothing fires within the cooldown', () => {
    fc.assert(
      fc.property(phases, timings, (seen, timing) => {
        let endedAt = Number.NEGATIVE_INFINITY
        for (const { kind, at } of run(seen, timing).transitions) {
          if (kind === 'fired') expect(at - endedAt).toBeGreaterThanOrEqual(timing.cooldownMs)
          else endedAt = at
        }
      }),
    )
  })

  test('[ALERT-1] a value that swings around the line is one episode', () => {
    const swings: SignalPhase[] = Array.from({ length: 60 }, (_, n) => (n % 2 ? 'near' : 'breach'))
    const timing = { forMs: 0, keepFiringMs: 0, cooldownMs: 0 }
    const { transitions } = run([...swings, 'clear'], timing)
    expect(transitions.map(({ kind }) => kind)).toEqual(['fired', 'recovered'])
  })

  test('[ALERT-1] a restart at any point changes nothing', () => {
    fc.assert(
      fc.property(phases, timings, fc.nat(80), (seen, timing, at) => {
        const whole = run(seen, timing)
        let state = firstState
        const transitions: Transition[] = []
        for (const [n, phase] of seen.entries()) {
          if (n === at) state = JSON.parse(JSON.stringify(state)) as AlertState
          const done = step(state, signalOf(phase, n), n * SECOND, timing, above)
          state = done.state
          if (done.transition) transitions.push(done.transition)
        }
        expect({ state, transitions }).toEqual(whole)
      }),
    )
  })

  test('[ALERT-1] a look that changes nothing answers the same state', () => {
    const timing = { forMs: 2_000, keepFiringMs: 2_000, cooldownMs: 0 }
    fc.assert(
      fc.property(phases, (seen) => {
        const { state } = run(seen, timing)
        const at = seen.length * SECOND
        const phase = seen.at(-1) ?? 'clear'
        const first = step(
          state,
          signalOf(phase, -1),
          at,
          { ...timing, forMs: Number.POSITIVE_INFINITY, keepFiringMs: Number.POSITIVE_INFINITY },
          above,
        )
        expect(first.state).toBe(state)
      }),
    )
  })

  test('[ALERT-1] an episode ends with its subject, and the peak is the furthest value', () => {
    const timing = { forMs: 0, keepFiringMs: 0, cooldownMs: 0 }
    const { state } = run(['breach', 'breach', 'no_data'], timing)
    const { state: after, transition } = end(state, 9_000, { kind: 'over', what: 'live' })
    expect(transition).toEqual({
      kind: 'recovered',
      episode: 1,
      at: 9_000,
      firedAt: 0,
      peak: 1,
      why: { kind: 'over', what: 'live' },
    })
    expect(after).toEqual({ phase: 'normal', episodes: 1, endedAt: 9_000 })
    expect(end(after, 10_000, { kind: 'over', what: 'live' }).transition).toBeUndefined()
  })
})
