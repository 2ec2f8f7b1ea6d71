import type { ConditionOf } from './condition.ts'
import { higher, type Kind, unknownSignal } from './kind.ts'
import { readsOverMinutes, silentMinutes } from './measure.ts'

/** Whole minutes without any of a metric since the last one. A pause of the LIVE is no silence. */
export const noData: Kind<ConditionOf<'no_data'>> = {
  measure: ({ metric }, view) =>
    view.lives.map((live) => {
      const of = { session_id: live.session_id, subject: '' }
      if (live.paused) return { ...of, value: null, missing: 'the LIVE is paused' }
      const value = silentMinutes(live, metric, view.now)
      return value === null
        ? { ...of, value, missing: 'none was reported so far' }
        : { ...of, value }
    }),
  judge({ metric, minutes }, measured) {
    const { value } = measured
    if (value === null) return unknownSignal(measured)
    return {
      phase: value >= minutes ? 'breach' : 'clear',
      value,
      why: { kind: 'silent', metric, minutes: value },
    }
  },
  further: () => higher,
  measuredBy: ({ metric }) => ({ metric }),
  reads({ metric }) {
    const { minutes = [], parts = [] } = readsOverMinutes(metric)
    return { minutes, parts: [...parts, 'pauses'] }
  },
}
