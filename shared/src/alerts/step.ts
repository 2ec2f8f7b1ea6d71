import type { Reason } from '../alert-reason.ts'

/** What a rule sees at one moment. `near`: past the recovery threshold and short of the firing one. */
export type SignalPhase = 'breach' | 'near' | 'clear' | 'no_data' | 'error'

export interface Signal {
  readonly phase: SignalPhase
  /** What was compared; null where there is nothing to compare. */
  readonly value: number | null
  readonly why: Reason
  /** Came of old events alone, such as an import: a breach that begins so does not fire. */
  readonly isOld?: boolean
}

/** How long a rule waits, in ms. */
export interface Timing {
  /** A breach lasts so long before it fires. */
  readonly forMs: number
  /** It is clear so long before it recovers. */
  readonly keepFiringMs: number
  /** After a recovery nothing fires for so long. */
  readonly cooldownMs: number
}

interface Counted {
  /** Episodes that began so far. */
  readonly episodes: number
  /** When the last episode ended, epoch ms; null when there was none. */
  readonly endedAt: number | null
}

interface Episode extends Counted {
  /** When it fired, epoch ms. */
  readonly firedAt: number
  /** The furthest value so far; null when it has none. */
  readonly peak: number | null
}

/** Where a rule stands for one subject. `since` is epoch ms. */
export type AlertState =
  | ({
      readonly phase: 'normal'
      /** In a breach that came of old events: nothing fires before it was clear. */
      readonly passed?: true
    } & Counted)
  | ({ readonly phase: 'no_data' | 'error'; readonly since: number } & Counted)
  | ({ readonly phase: 'pending'; readonly since: number } & Counted)
  | ({ readonly phase: 'firing' } & Episode)
  | ({ readonly phase: 'recovering'; readonly since: number } & Episode)

export interface Transition {
  readonly kind: 'fired' | 'recovered'
  /** The number of the episode, from 1: with rule and subject it names the episode wherever it is decided. */
  readonly episode: number
  readonly at: number
  readonly firedAt: number
  readonly peak: number | null
  readonly why: Reason
}

export interface Step {
  readonly state: AlertState
  readonly transition?: Transition
}

/** Before anything was seen. */
export const firstState: AlertState = { phase: 'normal', episodes: 0, endedAt: null }

/** Which of two values lies further in the direction of a breach. */
export type Further = (a: number, b: number) => boolean

/**
 * One look at a rule. What is not known changes nothing about an episode that is on: it ends when the signal is clear, or with
 * its subject (`end`). The same state for the same signal, so that a caller can tell by identity that nothing changed.
 */
export function step(
  state: AlertState,
  signal: Signal,
  now: number,
  timing: Timing,
  further: Further,
): Step {
  return state.phase === 'firing' || state.phase === 'recovering'
    ? during(state, signal, now, timing, further)
    : before(state, signal, now, timing)
}

/** Ends an episode with its subject, such as a LIVE that is over; what was not on is as if nothing had been seen. */
export function end(state: AlertState, now: number, why: Reason): Step {
  if (state.phase === 'firing' || state.phase === 'recovering') return recovered(state, now, why)
  const { episodes, endedAt } = state
  return state.phase === 'normal' ? { state } : { state: { phase: 'normal', episodes, endedAt } }
}

type Waiting = Exclude<AlertState, Episode>
type On = Extract<AlertState, Episode>

function before(state: Waiting, signal: Signal, now: number, timing: Timing): Step {
  const { episodes, endedAt } = state
  const counted = { episodes, endedAt }
  switch (signal.phase) {
    case 'breach': {
      if (state.phase === 'normal' && (state.passed || signal.isOld)) {
        return { state: state.passed ? state : { phase: 'normal', passed: true, ...counted } }
      }
      const since = state.phase === 'pending' ? notAfter(now, state.since) : now
      const isCool = endedAt === null || now - notAfter(now, endedAt) >= timing.cooldownMs
      if (!isCool || now - since < timing.forMs) {
        return {
          state:
            state.phase === 'pending' && state.since === since
              ? state
              : { phase: 'pending', since, ...counted },
        }
      }
      return fired(counted, signal, now)
    }
    case 'no_data':
    case 'error':
      return {
        state:
          state.phase === signal.phase ? state : { phase: signal.phase, since: now, ...counted },
      }
    default:
      return {
        state: state.phase === 'normal' && !state.passed ? state : { phase: 'normal', ...counted },
      }
  }
}

/** A clock that was set back must not make a rule wait for the time that it skipped. */
const notAfter = (now: number, at: number): number => Math.min(at, now)

function fired({ episodes, endedAt }: Counted, { value, why }: Signal, now: number): Step {
  const episode = episodes + 1
  return {
    state: { phase: 'firing', episodes: episode, endedAt, firedAt: now, peak: value },
    transition: { kind: 'fired', episode, at: now, firedAt: now, peak: value, why },
  }
}

function during(
  state: On,
  signal: Signal,
  now: number,
  { keepFiringMs }: Timing,
  further: Further,
): Step {
  if (signal.phase === 'no_data' || signal.phase === 'error') return { state }
  const { episodes, endedAt, firedAt } = state
  const peak = peakOf(state.peak, signal.value, further)
  if (signal.phase !== 'clear') {
    if (state.phase === 'firing' && peak === state.peak) return { state }
    return { state: { phase: 'firing', episodes, endedAt, firedAt, peak } }
  }
  const since = state.phase === 'recovering' ? notAfter(now, state.since) : now
  if (now - since >= keepFiringMs) return recovered(state, now, signal.why)
  return state.phase === 'recovering' && state.since === since
    ? { state }
    : { state: { phase: 'recovering', since, episodes, endedAt, firedAt, peak: state.peak } }
}

function recovered({ episodes, firedAt, peak }: On, now: number, why: Reason): Step {
  return {
    state: { phase: 'normal', episodes, endedAt: now },
    transition: { kind: 'recovered', episode: episodes, at: now, firedAt, peak, why },
  }
}

const peakOf = (peak: number | null, value: number | null, further: Further): number | null =>
  value !== null && (peak === null || further(value, peak)) ? value : peak

/** Whether two states differ in more than the peak of the same episode. */
export function differsBeyondPeak(a: AlertState, b: AlertState): boolean {
  if (a === b) return false
  const plain = ({ peak: _, ...rest }: AlertState & { peak?: number | null }) =>
    JSON.stringify(rest)
  return plain(a) !== plain(b)
}

/** When time alone moves a state on, epoch ms, if its signal stays as it is; null if never. */
export function dueAt(state: AlertState, timing: Timing): number | null {
  switch (state.phase) {
    case 'pending': {
      const cool = state.endedAt === null ? 0 : state.endedAt + timing.cooldownMs
      return Math.max(state.since + timing.forMs, cool)
    }
    case 'recovering':
      return state.since + timing.keepFiringMs
    default:
      return null
  }
}
