import { fold } from '../fold.ts'
import { emptyState, type LiveState } from '../live-state.ts'
import type { NumberedEvent } from '../numbered-event.ts'
import { keyOf } from './evaluate.ts'
import type { Measured } from './kind.ts'
import { kindOf, type LastingCondition } from './kinds.ts'
import { livesOnAir, OLD_EVENT_MS, type View } from './view.ts'

/** An event of the log, and when the engine could see it, epoch ms. */
export interface SeenEvent {
  readonly event: NumberedEvent
  readonly at: number
}

/** What rules need beside events, as it is known of that LIVE. */
export type PastKnowledge = Omit<View, 'now' | 'timeZone' | 'state' | 'lives' | 'isOld'>

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

/** The engine looks once a second. */
export const LOOK_MS = 1_000

/** A LIVE again as the engine saw it: each second the state of then. `events` in the order of their numbers. */
export function* looksAt(
  events: readonly SeenEvent[],
  known: PastKnowledge,
  timeZone: string,
): Generator<View, void, undefined> {
  const first = events[0]
  if (!first) return
  const state: LiveState = emptyState()
  const seen = new Set<string>()
  let next = 0
  let seq = 0
  for (let now = Math.ceil(first.at / LOOK_MS) * LOOK_MS; ; now += LOOK_MS) {
    let newest: number | null = null
    const due: NumberedEvent[] = []
    for (let one = events[next]; one && one.at <= now; one = events[next]) {
      // Of a part of the log only the order counts.
      due.push({ ...one.event, seq: ++seq })
      newest = Math.max(newest ?? one.event.ts, one.event.ts)
      next++
    }
    fold(state, due)
    const lives = livesOnAir(state, now, seen)
    const isOld = newest !== null && newest < now - OLD_EVENT_MS
    yield { ...known, now, timeZone, state, lives, isOld }
    if (next >= events.length && lives.length === 0) return
  }
}

/** Measures a condition at every look. */
export function courseOf(condition: LastingCondition, looks: Iterable<View>): Course {
  const kind = kindOf(condition)
  const samples = new Map<string, Sampled[]>()
  const gone = new Map<string, number>()
  const memories = new Map<string, unknown>()
  let present = new Set<string>()
  let until = 0
  for (const view of looks) {
    until = view.now
    const measured = kind.measure(condition, view, (session_id, subject) =>
      memories.get(keyOf({ session_id, subject })),
    )
    if (!measured) continue
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
  }
  return { samples, gone, until }
}

function isSame(a: Measured, b: Measured): boolean {
  return (
    a.value === b.value &&
    a.missing === b.missing &&
    a.sample?.value === b.sample?.value &&
    JSON.stringify(a.facts) === JSON.stringify(b.facts)
  )
}
