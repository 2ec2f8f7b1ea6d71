import { z } from 'zod'
import { endpoint } from '../endpoint.ts'

/** How a run ended, or that it is running; it is lost if its process died. */
export const jobOutcomes = ['running', 'done', 'failed', 'lost', 'stopped'] as const
export type JobOutcome = (typeof jobOutcomes)[number]

const run = z.object({
  creator_id: z.string().nullable(),
  due: z.iso.datetime(),
  attempt: z.int(),
  started_at: z.iso.datetime(),
  ended_at: z.iso.datetime().nullable(),
  outcome: z.enum(jobOutcomes),
  error: z.string().nullable().describe('Why it failed.'),
  progress: z
    .object({ done: z.int(), total: z.int() })
    .nullable()
    .describe('Progress, if the job reports it.'),
})
export type JobRunShown = z.output<typeof run>

const job = z
  .object({
    name: z.string(),
    title: z.string(),
    cron: z.string().describe('Cron schedule: minute, hour, day of month, month, day of week.'),
    per: z
      .enum(['installation', 'creator'])
      .describe("Jobs per creator run in the creator's time zone; server-wide jobs in UTC."),
    next_due: z.iso.datetime().nullable(),
    runs: z.array(run).describe('Newest first.'),
  })
  .meta({ id: 'Job' })
export type ScheduledJob = z.output<typeof job>

/** A recount of a creator's LIVEs after late events. */
const recount = z.object({
  creator_id: z.string(),
  state: z.enum(['waiting', 'running', 'failed']),
  /** When the first late event arrived. */
  since: z.iso.datetime(),
  started_at: z.iso.datetime().nullable(),
  progress: z.object({ done: z.int(), total: z.int() }).nullable(),
  /** Why the last try failed. */
  error: z.string().nullable(),
})
export type RecountShown = z.output<typeof recount>

export const listJobs = endpoint('GET', '/api/v1/jobs', {
  summary: 'List scheduled jobs with their last runs, and recounts after late events',
  access: 'owner',
  /** The failed and longest waiting recounts, at most 100. */
  reply: z.object({ at: z.iso.datetime(), jobs: z.array(job), recounts: z.array(recount) }),
})

export const runJob = endpoint('POST', '/api/v1/jobs/:job/run', {
  summary: 'Run a server-wide job now, in addition to its schedule',
  access: 'owner',
  params: z.object({ job: z.string().max(100) }),
  reply: z.object({ asked: z.literal(true) }),
})

/** Actions recorded in the audit log. */
export const jobsAudit = ['job.asked'] as const
