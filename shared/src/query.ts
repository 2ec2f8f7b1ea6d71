import { z } from 'zod'
import { type DimensionId, dimensionIds, operators } from './dimensions.ts'
import { type MeasureId, measureIds } from './live-facts.ts'

/** Buckets of time in the creator's zone; weeks begin on Monday. */
export const queryBuckets = ['minute', '15m', 'hour', 'day', 'week', 'month', 'total'] as const
export type QueryBucket = (typeof queryBuckets)[number]

/** How much one answer may hold. */
export const answerLimits = {
  rangeDays: 3_660,
  buckets: 2_000,
  /** Buckets times groups. */
  points: 50_000,
  /** LIVEs in one answer by session. */
  lives: 1_000,
} as const

/** How much one question may ask for. */
export const queryLimits = {
  ...answerLimits,
  metrics: 12,
  dimensions: 3,
  filters: 10,
  values: 200,
  /** Rows that `limit` may name. */
  rows: 1_000,
  /** Hours of a range that is split by the hour of the day. */
  hours: 20_000,
  /** Questions that are asked together. */
  questions: 24,
} as const

const measure = z.enum(measureIds as readonly [MeasureId, ...MeasureId[]], {
  error: 'is no metric of the catalogue',
})
const dimension = z.enum(dimensionIds as readonly [DimensionId, ...DimensionId[]], {
  error: 'is no dimension: see query/meta',
})
const instant = z.iso.datetime({ offset: true })
const key = z.union([z.string(), z.number(), z.null()])

const filter = z.strictObject({
  dimension,
  op: z.enum(operators),
  /** Null is what names none. `set` needs none: it keeps what names any. */
  values: z
    .array(z.union([z.string().max(500), z.number(), z.null()]))
    .max(queryLimits.values)
    .default([]),
})
export type QueryFilter = z.output<typeof filter>

export const question = z.strictObject({
  metrics: z.array(measure).min(1).max(queryLimits.metrics),
  by: z.array(dimension).max(queryLimits.dimensions).default([]),
  /** All of them must hold. */
  where: z.array(filter).max(queryLimits.filters).default([]),
  bucket: z.enum(queryBuckets).default('total'),
  /** Widened to whole buckets, and cut at now. */
  range: z.strictObject({ from: instant, to: instant }),
  /** The same length of time right before, or a year earlier; as far as the range has come. */
  compare: z.enum(['previous_period', 'previous_year']).optional(),
  /** By a metric over the whole range, or by a dimension; with a limit by the first metric unless it says otherwise. */
  order: z
    .strictObject({
      by: z.union([measure, dimension]),
      direction: z.enum(['asc', 'desc']).default('desc'),
    })
    .optional(),
  /** How many rows are told; the others are one. */
  limit: z.int().min(1).max(queryLimits.rows).optional(),
})
export type Question = z.output<typeof question>

/** By bucket; null has a reason. */
const values = z.partialRecord(measure, z.array(z.number().nullable()))
const reasons = z.partialRecord(measure, z.array(z.string().nullable()))

const cells = z.object({
  values,
  /** Why there is no value, of the metrics that lack one. */
  reasons: reasons.optional(),
  /** What it was in the time that is compared with, bucket by bucket. */
  before: values.optional(),
})

export const answer = z.object({
  /** The number of the event log, and the moment, that the answer is of. */
  as_of: z.object({ seq: z.int(), at: z.iso.datetime() }),
  time_zone: z.string(),
  range: z.object({ from: z.iso.datetime(), to: z.iso.datetime() }),
  compared: z.object({ from: z.iso.datetime(), to: z.iso.datetime() }).nullable(),
  metrics: z.array(
    z.object({
      id: measure,
      name: z.string(),
      unit: z.enum(['money', 'count', 'ratio', 'seconds', 'diamonds']),
      /** Currency of amounts (in minor units); null for other metrics. */
      currency: z.string().nullable(),
      stage: z.literal('estimate'),
    }),
  ),
  by: z.array(dimension),
  bucket: z.enum(queryBuckets),
  /** Starts of the buckets; with the local date from a day on. */
  buckets: z.array(z.object({ at: z.iso.datetime(), day: z.string().optional() })),
  /** One by each combination of keys, in the order of `by`; one alone without. */
  rows: z.array(cells.extend({ keys: z.array(key) })),
  /** All that `limit` leaves out, as one row. */
  other: cells.extend({ rows: z.int() }).nullable(),
  /** Likes that were there at the first report of their LIVE: buckets shorter than a day leave them out. */
  before_first_report: z.int(),
  /** Excluded because of their currency. */
  excluded: z.object({ orders: z.int(), entries: z.int() }),
})
export type Answer = z.output<typeof answer>

export const queryMeta = z.object({
  metrics: z.array(
    z.object({
      id: measure,
      name: z.string(),
      definition: z.string(),
      unit: z.enum(['money', 'count', 'ratio', 'seconds', 'diamonds']),
      good: z.enum(['up', 'down', 'neither']),
      /** What it can be split and filtered by; alone, when it is a number of one LIVE. */
      by: z.array(dimension),
      buckets: z.array(z.enum(queryBuckets)),
      /** Why it cannot be asked at all. */
      refused: z.string().optional(),
    }),
  ),
  dimensions: z.array(
    z.object({
      id: dimension,
      label: z.string(),
      type: z.enum(['text', 'date', 'number']),
      personal: z.boolean(),
      operators: z.array(z.enum(operators)),
    }),
  ),
  buckets: z.array(z.enum(queryBuckets)),
  limits: z.record(z.string(), z.int()),
})
export type QueryMeta = z.output<typeof queryMeta>
