import { type Derivation, type Metric, type MetricId, metricIds, metrics } from './metrics.ts'

/** A number counted from LIVEs themselves, while the metrics of `metrics.ts` are counted from events. */
interface LiveFact {
  readonly name: string
  readonly definition: string
  readonly unit: 'count' | 'seconds'
  readonly good: 'up' | 'neither'
  readonly derive?: Derivation
}

/** The metrics of LIVEs. */
export const liveFacts = {
  lives: {
    name: 'LIVEs',
    definition: 'LIVEs on air during the period',
    unit: 'count',
    good: 'neither',
  },
  live_seconds: {
    name: 'Time on air',
    definition: 'Time on air without pauses; simultaneous LIVEs each count in full',
    unit: 'seconds',
    good: 'neither',
  },
  average_live_seconds: {
    name: 'Average LIVE length',
    definition: 'Time on air ÷ LIVEs',
    unit: 'seconds',
    good: 'neither',
    derive: { of: { live_seconds: 1 }, to: { lives: 1 }, missing: 'no LIVE in this period' },
  },
} as const satisfies Record<string, LiveFact>

export type LiveFactId = keyof typeof liveFacts
const liveFactIds = Object.keys(liveFacts) as readonly LiveFactId[]

/** Every metric that a question may ask for. */
export type MeasureId = MetricId | LiveFactId
export const measureIds: readonly MeasureId[] = [...metricIds, ...liveFactIds]

export const isLiveFact = (id: MeasureId): id is LiveFactId => Object.hasOwn(liveFacts, id)

/** A measure's name, definition and format. */
export const measureOf = (id: MeasureId): Pick<Metric, 'name' | 'definition' | 'unit' | 'good'> =>
  isLiveFact(id) ? liveFacts[id] : metrics[id]
