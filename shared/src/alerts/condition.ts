import { z } from 'zod'
import { insightKinds } from '../alert-reason.ts'
import { eventLimits } from '../events.ts'
import { type MetricId, metricIds } from '../metrics.ts'
import { ruleLimits } from './rule-limits.ts'

const id = z.string().min(1).max(eventLimits.idCharacters)
const number = z.number().refine(Number.isFinite, { error: 'must be a finite number' })
const minutes = z.int().min(1).max(ruleLimits.windowMinutes)

/** What a rule measures. Null for a product or a traffic source: each one separately. */
const subject = z.discriminatedUnion('of', [
  z.strictObject({ of: z.literal('live') }),
  z.strictObject({ of: z.literal('day') }),
  z.strictObject({ of: z.literal('product'), product_id: id.nullable() }),
  z.strictObject({ of: z.literal('traffic_source'), traffic_source: id.nullable() }),
])
export type Subject = z.output<typeof subject>

const metric = z.enum(metricIds as readonly [MetricId, ...MetricId[]])

/** A value of the catalogue, since the beginning of its subject or over its last minutes that are over. */
const measured = {
  metric,
  subject,
  over_minutes: minutes
    .nullable()
    .default(null)
    .describe('Over the last minutes that are over; null since the start.'),
}

/** Separate thresholds for firing and recovering keep a value on the line from flapping. */
const above = z.strictObject({
  kind: z.literal('above'),
  ...measured,
  fires_at: number,
  recovers_at: number.optional().describe('At most `fires_at`, which is the default.'),
})
const below = z.strictObject({
  kind: z.literal('below'),
  ...measured,
  fires_at: number,
  recovers_at: number.optional().describe('At least `fires_at`, which is the default.'),
})
const outside = z.strictObject({
  kind: z.literal('outside'),
  ...measured,
  low: number,
  high: number,
  margin: number.min(0).default(0).describe('How far inside the band it has to be to recover.'),
})
const change = z.strictObject({
  kind: z.literal('change'),
  metric,
  subject: z.discriminatedUnion('of', [z.strictObject({ of: z.literal('live') })]),
  window_minutes: minutes.describe('Compared with the same number of minutes before.'),
  percent: number.min(-100).max(10_000).describe('Such as −40 for a fall by 40%.'),
  recovers_percent: number.optional().describe('Nearer to 0 than `percent`, which is the default.'),
})
const unusual = z.strictObject({
  kind: z.literal('unusual'),
  metric,
  deviations: number
    .min(0.5)
    .max(20)
    .describe('How many median absolute deviations worse than usual at this minute.'),
  recovers_deviations: number.min(0).optional(),
})
const noData = z.strictObject({
  kind: z.literal('no_data'),
  metric,
  minutes: minutes.describe('Whole minutes without any.'),
})
const runsOut = z.strictObject({
  kind: z.literal('runs_out'),
  product_id: id.nullable(),
  minutes: minutes.describe('Stock lasts less than that at the present rate.'),
})
const oversold = z.strictObject({ kind: z.literal('oversold'), product_id: id.nullable() })
const offPace = z.strictObject({
  kind: z.literal('off_pace'),
  percent: number.min(1).max(100).describe('How far the forecast is below the goal.'),
})
const sourceDown = z.strictObject({ kind: z.literal('source_down') })
const pinWithoutClick = z.strictObject({ kind: z.literal('pin_without_click'), minutes })

const insight = z.strictObject({ kind: z.literal('insight'), insight: z.enum(insightKinds) })

/** When a rule fires; `contradictions.ts` says what else must hold. */
export const plainCondition = z.discriminatedUnion('kind', [
  above,
  below,
  outside,
  change,
  unusual,
  noData,
  runsOut,
  oversold,
  offPace,
  sourceDown,
  pinWithoutClick,
  insight,
])
export type Condition = z.output<typeof plainCondition>
export type ConditionOf<K extends Condition['kind']> = Extract<Condition, { kind: K }>
