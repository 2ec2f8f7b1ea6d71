import { z } from 'zod'
import { type DimensionId, dimensionIds, operators } from './dimensions.ts'
import { type MeasureId, measureIds } from './live-facts.ts'

/** Buckets of time in the creator's zone; weeks start on Monday. */
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
  /** Greatest `limit`. */
  rows: 1_000,
  /** Hours of a range split by the hour of the day. */
  hours: 20_000,
  /** Questions asked together. */
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
  dimension: dimension.describe('The dimension to filter by; it need not be in `by`.'),
  op: z
    .enum(operators)
    .describe('How to compare; `query/meta` lists the operators of each dimension.'),
  values: z
    .array(z.union([z.string().max(500), z.number(), z.null()]))
    .max(queryLimits.values)
    .default([])
    .describe('Null matches rows without a value. `set` takes none: it keeps rows with any value.'),
})
export type QueryFilter = z.output<typeof filter>

export const question = z.strictObject({
  metrics: z
    .array(measure)
    .min(1)
    .max(queryLimits.metrics)
    .describe('Metrics of the catalogue; `query/meta` lists them.'),
  by: z
    .array(dimension)
    .max(queryLimits.dimensions)
    .default([])
    .describe('Dimensions to split by; without any, the answer has one row.'),
  where: z
    .array(filter)
    .max(queryLimits.filters)
    .default([])
    .describe('Filters; a row must match all of them.'),
  bucket: z
    .enum(queryBuckets)
    .default('total')
    .describe("Buckets of time in the creator's zone. Weeks start on Monday."),
  range: z
    .strictObject({
      from: instant.describe('The first instant.'),
      to: instant.describe('The end, not included.'),
    })
    .describe('Widened to whole buckets, and cut off at the current time.'),
  compare: z
    .enum(['previous_period', 'previous_year'])
    .optional()
    .describe('Compare with the period just before, or with the same period a year earlier.'),
  order: z
    .strictObject({
      by: z.union([measure, dimension]).describe('One of `metrics` or `by`.'),
      direction: z
        .enum(['asc', 'desc'])
        .default('desc')
        .describe('Rows without a value come last in both.'),
    })
    .optional()
    .describe(
      'Order by a metric over the whole range, or by a dimension. With a limit, the default is the first metric.',
    ),
  limit: z
    .int()
    .min(1)
    .max(queryLimits.rows)
    .optional()
    .describe('Number of rows; the others are summed into `other`.'),
})
export type Question = z.output<typeof question>

const values = z
  .partialRecord(measure, z.array(z.number().nullable()))
  .describe('Values by metric, one for each bucket; null has a reason.')
const reasons = z
  .partialRecord(measure, z.array(z.string().nullable()))
  .describe('Why there is no value, for metrics that lack one.')

const cells = z.object({
  values,
  reasons: reasons.optional(),
  before: values.optional().describe('Values in the period compared with, bucket by bucket.'),
})

export const answer = z.object({
  as_of: z
    .object({ seq: z.int(), at: z.iso.datetime() })
    .describe('The event-log number and the moment that the answer is of.'),
  time_zone: z.string().describe('The creator’s time zone, which buckets are of.'),
  range: z
    .object({ from: z.iso.datetime(), to: z.iso.datetime() })
    .describe('The range answered: widened to whole buckets and cut off at the current time.'),
  compared: z
    .object({ from: z.iso.datetime(), to: z.iso.datetime() })
    .nullable()
    .describe('The range compared with; null without `compare`.'),
  metrics: z.array(
    z.object({
      id: measure,
      name: z.string().describe('What people call it.'),
      unit: z
        .enum(['money', 'count', 'ratio', 'seconds', 'diamonds'])
        .describe('A ratio is a fraction: 0.05 is 5%.'),
      currency: z
        .string()
        .nullable()
        .describe('Currency of amounts, which are in minor units; null for other metrics.'),
      stage: z.literal('estimate').describe('Platforms may still correct these numbers.'),
    }),
  ),
  by: z.array(dimension).describe('As asked.'),
  bucket: z.enum(queryBuckets).describe('As asked.'),
  buckets: z
    .array(z.object({ at: z.iso.datetime(), day: z.string().optional() }))
    .describe('Starts of the buckets; `day` is the local date, for buckets of a day or longer.'),
  rows: z
    .array(cells.extend({ keys: z.array(key) }))
    .describe('One row for each combination of keys, in the order of `by`.'),
  other: cells
    .extend({ rows: z.int() })
    .nullable()
    .describe('The rows that `limit` leaves out, summed into one.'),
  before_first_report: z
    .int()
    .describe(
      'Likes from before the first report of their LIVE; buckets shorter than a day leave them out.',
    ),
  excluded: z
    .object({ orders: z.int(), entries: z.int() })
    .describe('What is excluded because its currency is not the creator’s.'),
})
export type Answer = z.output<typeof answer>

export const queryMeta = z.object({
  metrics: z.array(
    z.object({
      id: measure,
      name: z.string(),
      definition: z.string().describe('What it counts, in a sentence.'),
      unit: z.enum(['money', 'count', 'ratio', 'seconds', 'diamonds']),
      good: z.enum(['up', 'down', 'neither']).describe('Which way it should go.'),
      by: z
        .array(dimension)
        .describe('Dimensions to split and filter by; only `session` for a number of one LIVE.'),
      buckets: z.array(z.enum(queryBuckets)).describe('Buckets it can be asked by.'),
      refused: z.string().optional().describe('Why this metric cannot be asked for.'),
    }),
  ),
  dimensions: z.array(
    z.object({
      id: dimension,
      label: z.string(),
      type: z.enum(['text', 'date', 'number']),
      personal: z.boolean().describe('Whether its values are about people.'),
      operators: z.array(z.enum(operators)).describe('What a filter by it can be.'),
    }),
  ),
  buckets: z.array(z.enum(queryBuckets)).describe('Every bucket there is.'),
  limits: z.record(z.string(), z.int()).describe('How much one query may ask for and get.'),
})
export type QueryMeta = z.output<typeof queryMeta>
