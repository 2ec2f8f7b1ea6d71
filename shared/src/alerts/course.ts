import { fold } from '../fold.ts'
import { emptyState, type LiveState } from '../live-state.ts'
import type { NumberedEvent } from '../numbered-event.ts'
import type { Measured } from './kind.ts'
import { kindOf, type LastingCondition } from './kinds.ts'
import { keyOf } from './subject.ts'
import { livesOnAir, OLD_EVENT_MS, type View } from './view.ts'

/** An event of the log, and when the engine could see it, epoch ms. */
export interface SeenEvent {
  readonly event: NumberedEvent
  readonly at: number
}

/** What rules need beside events, as it was known of a LIVE at a moment. */
export type KnownThen = (
  now: number,
) => Omit<View, 'now' | 'timeZone' | 'state' | 'lives' | 'isOld'>

/** The engine looks once a second. */
export const LOOK_MS = 1_000

/** A LIVE again as the engine saw it. */
export interface Replay {
  /** The next events in the order of the log. */
  take(events: readonly SeenEvent[]): void
  /** There are no more events: looks until the LIVE is over. */
  finish(): void
}

/** Calls `look` for each second with the state at that time. */
export function createReplay(
  known: KnownThen,
  timeZone: string,
  look: (view: View) => void,
): Replay {
  const state: LiveState = emptyState()
  const seen = new Set<string>()
  let due: NumberedEvent[] = []
  let newest: number | null = null
  let now: number | undefined
  let seq = 0
  const opened = new Set<string | undefined>()

  function lookNow(at: number): number {
    fold(state, due)
    due = []
    const isOld = newest !== null && newest < at - OLD_EVENT_MS
    newest = null
    const lives = livesOnAir(state, at, seen)
    look({ ...known(at), now: at, timeZone, state, lives, isOld })
    return lives.length
  }

  return {
    take(events) {
      for (const { event, at } of events) {
        now ??= Math.ceil(at / LOOK_MS) * LOOK_MS
        while (now < at) {
          lookNow(now)
          now += LOOK_MS
        }
        // Of a part of the log only the order counts.
        due.push({ ...event, seq: ++seq, opens_live: opened.has(event.session_id) ? 0 : 1 })
        opened.add(event.session_id)
        newest = Math.max(newest ?? event.ts, event.ts)
      }
    },
    finish() {
      for (; now !== undefined; now += LOOK_MS) if (lookNow(now) === 0) return
    },
  }
}

/** What was measured of one subject from a moment on. */
export interface Sampled {
  readonly at: number
  readonly measured: Measured
  readonly isOld: boolean
}

/** A LIVE as one condition measured it: every change, by subject. Any thresholds can be tried on it. */
export interface Course {
  readonly samples: ReadonlyMap<string, readonly Sampled[]>
  /** When each subject was no longer there. */
  readonly gone: ReadonlyMap<string, number>
  readonly until: number
}

/** Records a course look by look. */
export function createCourse(condition: LastingCondition): Course & { look(view: View): void } {
  const kind = kindOf(condition)
  const samples = new Map<string, Sampled[]>()
  const gone = new Map<string, number>()
  const memories = new Map<string, unknown>()
  let present = new Set<string>()
  let until = 0
  return {
    samples,
    gone,
    get until() {
      return until
    },
    look(view) {
      until = view.now
      const measured = kind.measure(condition, view, (session_id, subject) =>
        memories.get(keyOf({ session_id, subject })),
      )
      if (!measured) return
      const now = new Set<string>()
      for (const { memory, ...one } of measured) {
        const key = keyOf(one)
        now.add(key)
        if (memory !== undefined) memories.set(key, memory)
        gone.delete(key)
        const list = samples.get(key) ?? []
        samples.set(key, list)
        const last = list.at(-1)
        if (last && last.isOld === view.isOld && isSame(last.measured, one)) continue
        list.push({ at: view.now, measured: one, isOld: view.isOld })
      }
      for (const key of present) if (!now.has(key)) gone.set(key, view.now)
      present = now
    },
  }
}

function isSame(a: Measured, b: Measured): boolean {
  return (
    a.value === b.value &&
    a.missing === b.missing &&
    a.sample?.value === b.sample?.value &&
    JSON.stringify(a.facts) === JSON.stringify(b.facts)
  )
}
