import { COMPARE_FROM_MINUTE, waitingForBase } from '@creatorflow/shared/insights/compare'
import { type Derivation, type MetricId, metricIds, metricOf } from '@creatorflow/shared/metrics'
import { type Stage, unknownReasons } from '@creatorflow/shared/present'
import { recountingWords } from '@creatorflow/shared/recounting'
import { sourceProblems, sourceStates, THIS_SERVER } from '@creatorflow/shared/sources'

/**
 * The texts that pages show of the shared catalogues, which the API shows too, with `#` for each number. They are
 * translated by what they are in English, so that one entry in a catalogue is all that a metric needs.
 */
export function catalogueTexts(): readonly string[] {
  const texts = [
    ...metricIds.flatMap(ofMetric),
    ...Object.values(sourceStates).flatMap(({ name, text }) => [name, name.toLowerCase(), text]),
    ...Object.values(sourceProblems).flatMap(({ text, todo }) => [text, todo]),
    THIS_SERVER,
    'estimate' satisfies Stage,
    ...Object.values(unknownReasons),
    ...metricIds.flatMap(waitingFor),
    recountingWords({ problem: 'failed', percent: null }),
    recountingWords({ problem: null, percent: null }),
    recountingWords({ problem: null, percent: 1 }),
  ]
  return [...new Set(texts.map((text) => text.replaceAll(/\d+/g, '#')))].sort()
}

function ofMetric(id: MetricId): readonly string[] {
  const { name, definition, ...metric } = metricOf(id)
  const derivation: Derivation | undefined = 'derive' in metric ? metric.derive : undefined
  const reasons = [derivation?.missing ?? [], Object.values(derivation?.needs ?? {})].flat()
  return [name, name.toLowerCase(), definition, ...reasons]
}

/** What a comparison waits for: a minute, or enough of what it is a share of. */
function waitingFor(base: MetricId): readonly string[] {
  const late = { minute: COMPARE_FROM_MINUTE, fraction: 0 }
  return [waitingForBase(base, 0, { ...late, minute: 0 }), waitingForBase(base, 0, late)].flatMap(
    (text) => text ?? [],
  )
}
