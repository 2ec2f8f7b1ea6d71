import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { goalMetrics } from '../goal.ts'
import { type MetricId, metricIds } from '../metrics.ts'
import { creatorId } from './creators.ts'
import { recounting } from './recounting.ts'

/** How much of the past one answer covers. */
export const baselineLimits = {
  days: 14,
  /** LIVEs that make up the usual, the newest ones. */
  lives: 30,
  /** Per LIVE, from its start. */
  minutes: 1_440,
  /** Events that named a LIVE this long before its start count in its first minute. */
  leadMinutes: 60,
  weeks: 26,
} as const

const instant = z.iso.datetime()
const metric = z.enum(metricIds as readonly [MetricId, ...MetricId[]])

/** By elapsed minute: 0 is the UTC minute in which the LIVE started. Null: no denominator, or not reported. */
const course = z.array(z.number().nullable())
const courses = z.partialRecord(metric, course)

/** The middle half over LIVEs, by elapsed minute; null if no LIVE has a value. */
const spread = z.object({ q1: course, median: course, q3: course })

const pastLive = z.object({
  session_id: z.string(),
  started_at: instant,
  ended_at: instant.nullable().describe('Null while it is on air.'),
  length: z.int().describe('Its length in minutes, at most `baselineLimits.minutes`.'),
})

const previousLive = pastLive.extend({
  /** Values of each minute: every series metric, and `average_viewers`. Metrics without events are left out. */
  minutes: courses,
  /** The LIVE's totals at the end of each minute: every metric of a LIVE except levels, derived ones too. */
  totals: courses,
})

export const getBaseline = endpoint(
  'GET',
  '/api/v1/creators/:creator_id/lives/:session_id/baseline',
  {
    summary: 'Get what a LIVE is compared with: the previous one and the 14-day median, by minute',
    access: 'read',
    params: z.object({ creator_id: creatorId, session_id: z.string().min(1).max(200) }),
    reply: z.object({
      session_id: z.string(),
      at: instant.describe('Time of the query.'),
      previous: previousLive.nullable().describe('The previous LIVE, however long ago.'),
      /** Over the LIVEs that started in the 14 days before this one. */
      usual: z.object({
        days: z.int(),
        lives: z
          .array(
            pastLive.extend({
              funnel: z.partialRecord(metric, z.number()),
              /** The totals of goal metrics, at the end of each elapsed minute. */
              totals: z.record(z.enum(goalMetrics), z.array(z.number())),
              /** GMV of its best minute. */
              best_minute_gmv: z.number(),
            }),
          )
          .describe('Newest first, with the totals of each funnel step 15 min after the end.'),
        left_out: z
          .int()
          .describe(
            'LIVEs of these days left out because there are more than `baselineLimits.lives`.',
          ),
        lives_at: z
          .array(z.int())
          .describe(
            'Number of LIVEs still on air, by elapsed minute; the quartiles are over these.',
          ),
        minutes: z.object({ gmv: spread, average_viewers: spread }),
        totals: z.partialRecord(metric, spread),
        rates: z
          .record(z.string(), course)
          .describe(
            'By step and previous step (`main_orders/checkouts`): the median rate, over at least three LIVEs.',
          ),
      }),
      recounting,
    }),
  },
)

const hour = z.object({
  weekday: z.int().min(1).max(7).describe('1 is Monday.'),
  hour: z.int().min(0).max(23),
  seconds: z.number().describe('Time on air in this hour of the week, including pauses.'),
  lives: z.int(),
  gmv: z.number(),
  main_orders: z.number(),
  average_viewers: z.number().nullable(),
})

export const getPowerHours = endpoint('GET', '/api/v1/creators/:creator_id/power-hours', {
  summary: 'Get sales and time on air for each hour of the week over the last weeks',
  access: 'read',
  params: z.object({ creator_id: creatorId }),
  query: z.strictObject({
    weeks: z.coerce.number().int().min(1).max(baselineLimits.weeks).default(8),
  }),
  example: { query: { weeks: 4 } },
  reply: z.object({
    at: instant,
    from: instant,
    to: instant,
    weeks: z.int(),
    time_zone: z.string(),
    currency: z.string(),
    hours: z.array(hour).describe("Hours of the week in which something happened, Monday's first."),
    recounting,
  }),
})
