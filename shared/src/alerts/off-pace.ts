import type { ConditionOf } from './condition.ts'
import { higher, type Kind, unknownSignal } from './kind.ts'
import { onAll } from './lines.ts'

/** How far the forecast is below the goal, in percent of it. */
export const offPace: Kind<ConditionOf<'off_pace'>> = {
  measure: (_, view) =>
    onAll(view, (live) => {
      const pace = view.paceOf(live)
      if (pace === undefined) return undefined
      const of = { session_id: live.session_id, subject: '' }
      if (pace === null) return [{ ...of, value: null, missing: 'no goal, or no forecast yet' }]
      const { forecast, target } = pace
      return [{ ...of, value: (1 - forecast / target) * 100, facts: { forecast, target } }]
    }),
  judge({ percent }, measured) {
    const { value, facts = {} } = measured
    if (value === null) return unknownSignal(measured)
    return {
      phase: value >= percent ? 'breach' : value > percent * 0.8 ? 'near' : 'clear',
      value,
      why: { kind: 'pace', forecast: Number(facts.forecast), target: Number(facts.target) },
    }
  },
  further: () => higher,
  measuredBy: () => ({}),
}
