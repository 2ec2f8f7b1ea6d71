import type { Reason } from '../alert-reason.ts'
import { localDay } from '../present.ts'
import type { Condition, ConditionOf } from './condition.ts'
import { detect, readsOfInsight } from './insights.ts'
import type { Measured, Reads } from './kind.ts'
import { kindOf, type LastingCondition } from './kinds.ts'
import type { Rule } from './rule.ts'
import {
  type AlertState,
  end,
  type Further,
  firstState,
  type Signal,
  step,
  type Timing,
  type Transition,
} from './step.ts'
import { keyOf } from './subject.ts'
import type { LiveView, View } from './view.ts'

/** Where a rule stands for one subject, and what measuring has to remember of it. Plain data: a restart reads it back. */
export interface Held {
  readonly session_id: string
  readonly subject: string
  readonly state: AlertState
  readonly memory?: unknown
}

/** What one look changed. */
export interface Outcome {
  readonly held: Held
  /** Undefined if this subject is new. */
  readonly before: Held | undefined
  readonly transition?: Transition
  /** What the episode is about, where that is not the subject itself: an insight is of a LIVE, its moment of a product. */
  readonly about?: string
}

/** What is held of one rule, by `keyOf`. */
export type HeldRule = ReadonlyMap<string, Held>

/** Looks at one rule: the outcome of every subject for which something changed. Pure: the engine and the preview both call it. */
export function evaluate(rule: Rule, view: View, held: HeldRule): Outcome[] {
  const { condition } = rule
  if (isInsight(condition)) {
    return view.lives.flatMap((live) => evaluateInsight(condition, live, view, held) ?? [])
  }
  if (rule.only_live && view.lives.length === 0) return endAll(held, view, new Set(), true)
  const kind = kindOf(condition)
  const measured = kind.measure(
    condition,
    view,
    (session_id, subject) => held.get(keyOf({ session_id, subject }))?.memory,
  )
  if (!measured) return []
  const timing = timingOf(rule)
  const further = kind.further(condition)
  const seen = new Set<string>()
  const outcomes: Outcome[] = []
  for (const one of measured) {
    const key = keyOf(one)
    seen.add(key)
    const outcome = stepOnce(one, judge(rule, condition, one), view, held.get(key), timing, further)
    if (outcome) outcomes.push(outcome)
  }
  // What was left out is there as before.
  return view.changes ? outcomes : [...outcomes, ...endAll(held, view, seen, false)]
}

/** What looking at a condition reads of the live state; undefined if it has to be looked at every time. */
export const readsOf = (condition: Condition): Reads | undefined =>
  isInsight(condition) ? readsOfInsight[condition.insight] : kindOf(condition).reads?.(condition)

const isInsight = (condition: Condition): condition is ConditionOf<'insight'> =>
  condition.kind === 'insight'

/** What a measured value says under the thresholds of a rule. */
export function judge(
  { minimum_sample }: Pick<Rule, 'minimum_sample'>,
  condition: LastingCondition,
  measured: Measured,
): Signal {
  const { sample, value } = measured
  if (value !== null && sample && sample.value < minimum_sample) {
    return {
      phase: 'no_data',
      value: null,
      why: { kind: 'small_sample', sample, least: minimum_sample },
    }
  }
  if (value !== null && !Number.isFinite(value)) {
    return {
      phase: 'error',
      value: null,
      why: { kind: 'unknown', reason: 'the value is not a number' },
    }
  }
  return kindOf(condition).judge(condition, measured)
}

/** One measured value of one subject; undefined if it changed nothing. */
function stepOnce(
  measured: Measured,
  signal: Signal,
  { now, isOld }: View,
  before: Held | undefined,
  timing: Timing,
  further: Further,
): Outcome | undefined {
  const { session_id, subject, memory } = measured
  const state = before?.state ?? firstState
  const done = step(state, isOld ? { ...signal, isOld } : signal, now, timing, further)
  if (done.state === state && memory === before?.memory) return undefined
  return {
    before,
    held: { session_id, subject, state: done.state, ...(memory !== undefined && { memory }) },
    ...(done.transition && { transition: done.transition }),
  }
}

export const timingOf = ({ for_seconds, keep_firing_seconds, cooldown_seconds }: Rule) => ({
  forMs: for_seconds * 1_000,
  keepFiringMs: keep_firing_seconds * 1_000,
  cooldownMs: cooldown_seconds * 1_000,
})

/** Ends what is no longer there: a LIVE or a day that is over, a product that is gone. */
function endAll(
  held: HeldRule,
  view: View,
  seen: ReadonlySet<string>,
  isOffAir: boolean,
): Outcome[] {
  const outcomes: Outcome[] = []
  for (const [key, before] of held) {
    if (seen.has(key) || before.state.phase === 'normal') continue
    const done = end(before.state, view.now, overReason(before, view, isOffAir))
    outcomes.push({
      before,
      held: { session_id: before.session_id, subject: before.subject, state: done.state },
      ...(done.transition && { transition: done.transition }),
    })
  }
  return outcomes
}

function overReason({ session_id, subject }: Held, view: View, isOffAir: boolean): Reason {
  const isOnAir = view.lives.some((live) => live.session_id === session_id)
  if (isOffAir || (session_id !== '' && !isOnAir)) return { kind: 'over', what: 'live' }
  if (session_id !== '') return { kind: 'over', what: 'product' }
  const isDay = subject !== localDay(view.now, view.timeZone) && /^\d{4}-\d{2}-\d{2}$/.test(subject)
  return { kind: 'over', what: isDay ? 'day' : 'source' }
}

function evaluateInsight(
  { insight }: ConditionOf<'insight'>,
  live: LiveView,
  view: View,
  held: HeldRule,
): Outcome | undefined {
  const { session_id } = live
  const before = held.get(keyOf({ session_id, subject: '' }))
  const detected = detect(insight, live, view, before?.memory)
  if (!detected || (before && detected.memory === before.memory)) return undefined
  const { memory, moment } = detected
  const { episodes } = before?.state ?? firstState
  const of = { session_id, subject: '', memory }
  if (!moment || view.isOld) {
    return { before, held: { ...of, state: before?.state ?? firstState } }
  }
  const { subject: about, value, before: beaten } = moment
  const at = view.now
  const episode = episodes + 1
  return {
    before,
    held: { ...of, state: { phase: 'normal', episodes: episode, endedAt: at } },
    transition: {
      kind: 'fired',
      episode,
      at,
      firedAt: at,
      peak: value,
      why: { kind: 'insight', insight, value, before: beaten },
    },
    about,
  }
}
