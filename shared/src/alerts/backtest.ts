import type { Reason } from '../alert-reason.ts'
import { type Course, LOOK_MS } from './course.ts'
import { judge, timingOf } from './evaluate.ts'
import { kindOf, type LastingCondition } from './kinds.ts'
import type { Rule } from './rule.ts'
import { type AlertState, dueAt, end, firstState, step, type Transition } from './step.ts'

/** What a rule would have told. */
export interface PastEpisode {
  readonly session_id: string
  readonly subject: string
  readonly fired_at: number
  /** Null while it is on. */
  readonly ended_at: number | null
  readonly peak: number | null
  readonly why: Reason
  readonly ended_why: Reason | null
}

/**
 * Tries a rule on a measured course: the same steps as the engine's at the same moments, skipping those at which
 * nothing can change.
 */
export function episodesIn(rule: Rule, condition: LastingCondition, course: Course): PastEpisode[] {
  const episodes: PastEpisode[] = []
  for (const key of course.samples.keys()) episodes.push(...ofSubject(rule, condition, course, key))
  return episodes.sort((a, b) => a.fired_at - b.fired_at)
}

function ofSubject(
  rule: Rule,
  condition: LastingCondition,
  { samples, gone, until }: Course,
  key: string,
): PastEpisode[] {
  const list = samples.get(key) ?? []
  const further = kindOf(condition).further(condition)
  const timing = timingOf(rule)
  const over = gone.get(key) ?? until + LOOK_MS
  const episodes: PastEpisode[] = []
  let state: AlertState = firstState
  const [session_id = '', subject = ''] = key.split('\u0000')
  const note = (transition: Transition | undefined) => {
    if (!transition) return
    const { kind, at, peak, why } = transition
    if (kind === 'fired') {
      const open = { ended_at: null, ended_why: null }
      episodes.push({ session_id, subject, fired_at: at, peak, why, ...open })
      return
    }
    const fired = episodes.pop()
    if (fired) episodes.push({ ...fired, ended_at: at, peak, ended_why: why })
  }
  list.forEach(({ at, measured, isOld }, index) => {
    const signal = judge(rule, condition, measured)
    const before = Math.min(list[index + 1]?.at ?? over, over)
    for (let now: number | null = at; now !== null && now < before; ) {
      const done = step(state, isOld ? { ...signal, isOld } : signal, now, timing, further)
      state = done.state
      note(done.transition)
      const due = dueAt(state, timing)
      // The first look at which time alone changes something.
      now = due === null ? null : Math.max(now + LOOK_MS, Math.ceil(due / LOOK_MS) * LOOK_MS)
    }
  })
  if (gone.has(key)) note(end(state, over, { kind: 'over', what: 'live' }).transition)
  return episodes
}
