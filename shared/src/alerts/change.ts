import type { ConditionOf } from './condition.ts'
import { higher, type Kind, lower, unknownSignal } from './kind.ts'
import { overMinutes, readsOverMinutes } from './measure.ts'
import type { SignalPhase } from './step.ts'

type Change = ConditionOf<'change'>

function phaseOf(
  percent: number,
  { percent: fires, recovers_percent = fires }: Change,
): SignalPhase {
  const side = Math.sign(fires)
  const [by, at, back] = [percent * side, fires * side, recovers_percent * side]
  return by >= at ? 'breach' : by > back ? 'near' : 'clear'
}

/** The last minutes against as many before them, in percent. */
export const change: Kind<Change> = {
  measure: ({ metric, window_minutes }, view) =>
    view.lives.map((live) => {
      const of = { session_id: live.session_id, subject: '' }
      const before = overMinutes(live, metric, window_minutes, view.now, window_minutes)
      const after = overMinutes(live, metric, window_minutes, view.now)
      if (before.value === null) return { ...of, value: null, missing: before.reason }
      if (after.value === null) return { ...of, value: null, missing: after.reason }
      // A few of anything double or vanish by chance: of a count the sample is the greater window.
      const sample = before.sample ?? { metric, value: Math.max(before.value, after.value) }
      const facts = { from: before.value, to: after.value }
      if (before.value <= 0) {
        return { ...of, value: null, missing: 'nothing to compare with', sample, facts }
      }
      return { ...of, value: (after.value / before.value - 1) * 100, sample, facts }
    }),
  judge(condition, measured) {
    const { value, facts = {} } = measured
    if (value === null) return unknownSignal(measured)
    const { metric, window_minutes } = condition
    const [from, to] = [Number(facts.from), Number(facts.to)]
    return {
      phase: phaseOf(value, condition),
      value,
      why: { kind: 'change', metric, from, to, window_minutes },
    }
  },
  further: ({ percent }) => (percent < 0 ? lower : higher),
  measuredBy: ({ metric, window_minutes }) => ({ metric, window_minutes }),
  reads: ({ metric }) => readsOverMinutes(metric),
}
