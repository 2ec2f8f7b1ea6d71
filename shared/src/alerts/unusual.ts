import { metricOf } from '../metrics.ts'
import type { ConditionOf } from './condition.ts'
import { higher, type Kind, unknownSignal } from './kind.ts'
import { onAll } from './lines.ts'
import { ofLive } from './measure.ts'

/** Least deviation as a share of the median: equal LIVEs would make any difference endless. */
const LEAST_SHARE = 0.02

/** Worse than usual at this minute of a LIVE, in median absolute deviations; the better side is negative. */
export const unusual: Kind<ConditionOf<'unusual'>> = {
  measure: ({ metric }, view) =>
    onAll(view, (live) => {
      const of = { session_id: live.session_id, subject: '' }
      const usual = view.usualOf(live, metric)
      if (usual === undefined) return undefined
      const { value, reason, sample } = ofLive(live, metric)
      if (usual === null) return [{ ...of, value: null, missing: 'too few earlier LIVEs' }]
      if (value === null) return [{ ...of, value: null, missing: reason, sample }]
      const deviation = Math.max(usual.deviation, Math.abs(usual.median) * LEAST_SHARE)
      if (deviation === 0) return [{ ...of, value: null, missing: 'usually there is none' }]
      const worse = metricOf(metric).good === 'down' ? value - usual.median : usual.median - value
      const facts = { value, median: usual.median }
      return [{ ...of, value: worse / deviation, sample, facts }]
    }),
  judge({ metric, deviations: fires, recovers_deviations: recovers = fires }, measured) {
    const { value, facts = {} } = measured
    if (value === null) return unknownSignal(measured)
    return {
      phase: value >= fires ? 'breach' : value > recovers ? 'near' : 'clear',
      value,
      why: {
        kind: 'unusual',
        metric,
        value: Number(facts.value),
        median: Number(facts.median),
        deviations: value,
      },
    }
  },
  further: () => higher,
  measuredBy: ({ metric }) => ({ metric }),
}
