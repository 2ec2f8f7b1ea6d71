import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { type MetricId, metricIds } from '../metrics.ts'
import { answerLimits } from '../query.ts'
import { creatorId } from './creators.ts'
import { recounting } from './recounting.ts'

export const historyBuckets = ['1m', '15m', '1h', '1d', 'total'] as const
export type HistoryBucket = (typeof historyBuckets)[number]

export const historyDimensions = ['session', 'product', 'channel', 'traffic_source'] as const
export type HistoryDimension = (typeof historyDimensions)[number]

const instant = z.iso.datetime({ offset: true })

const point = z.object({
  at: z.iso.datetime().describe('Start of the bucket.'),
  day: z.string().optional().describe('Local date, for daily buckets.'),
  value: z.number().nullable(),
  reason: z.string().optional().describe('Why there is no value.'),
})

const series = z.object({
  key: z
    .string()
    .nullable()
    .optional()
    .describe(
      'The LIVE, product, channel or traffic source; null for events without one; absent without `by`.',
    ),
  points: z.array(point),
})

export const getHistory = endpoint('GET', '/api/v1/creators/:creator_id/metrics/:metric', {
  summary: 'Get a metric over time by minute, hour or day, or in total; optionally by dimension',
  access: 'read',
  params: z.object({
    creator_id: creatorId,
    metric: z.enum(metricIds as readonly [MetricId, ...MetricId[]], {
      error: 'is not a metric of the catalogue',
    }),
  }),
  query: z.strictObject({
    from: instant,
    to: instant,
    bucket: z.enum(historyBuckets).default('1d'),
    by: z.enum(historyDimensions).optional(),
    limit: z.coerce
      .number()
      .int()
      .min(1)
      .max(answerLimits.lives)
      .optional()
      .describe('Return only the top groups over the whole range.'),
  }),
  example: { query: { from: '2026-11-01T00:00:00Z', to: '2026-12-01T00:00:00Z', bucket: '1d' } },
  reply: z.object({
    metric: z.string(),
    name: z.string(),
    definition: z.string(),
    unit: z.enum(['money', 'count', 'ratio', 'seconds', 'diamonds']),
    currency: z
      .string()
      .nullable()
      .describe('Currency of amounts (in minor units); null for other metrics.'),
    time_zone: z.string(),
    stage: z.literal('estimate'),
    at: z.iso.datetime().describe('Time of the query.'),
    from: z.iso
      .datetime()
      .describe('The range covered: widened to whole buckets, and cut off at the current bucket.'),
    to: z.iso.datetime(),
    bucket: z.enum(historyBuckets),
    by: z.enum(historyDimensions).nullable(),
    before_first_report: z
      .int()
      .describe(
        'Likes already there at the first report of their LIVE; included in days and totals, not in shorter buckets.',
      ),
    excluded: z
      .object({ orders: z.int(), entries: z.int() })
      .describe('Excluded because of their currency.'),
    series: z
      .array(series)
      .describe(
        'Sorted by key, or by value with `limit`; LIVEs of a total by start. Null comes last.',
      ),
    left_out: z.int().describe('Groups left out because of `limit`.'),
    recounting,
  }),
})
