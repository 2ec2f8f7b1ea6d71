import { z } from 'zod'
import { type Reason, severities } from '../alert-reason.ts'
import { plainCondition } from '../alerts/condition.ts'
import { newRule, ruleChanges } from '../alerts/rule.ts'
import { endpoint } from '../endpoint.ts'
import { creatorId } from './creators.ts'

const instant = z.iso.datetime()
const path = '/api/v1/creators/:creator_id/alerts'
const params = z.object({ creator_id: creatorId })
const ruleParams = z.object({ creator_id: creatorId, rule_id: z.uuid() })
const episodeId = z.string().regex(/^[0-9a-f]{32}$/, { error: 'is not an episode ID' })

const reason = z
  .custom<Reason>((value) => typeof value === 'object' && value !== null && 'kind' in value)
  .meta({ type: 'object', additionalProperties: true })
  .describe('Why, in numbers; `kind` says which.')

const silence = z
  .object({
    id: z.uuid(),
    rule_id: z.uuid().nullable().describe('Null for every rule.'),
    until: instant,
    made_by: z.string(),
    created_at: instant,
  })
  .meta({ id: 'AlertSilence' })
export type Silence = z.output<typeof silence>

const rule = z
  .object({
    id: z.uuid(),
    ...newRule.shape,
    origin: z.string().nullable().describe('The default rule that it began as.'),
    changed_at: instant,
  })
  .meta({ id: 'AlertRule' })
export type ShownRule = z.output<typeof rule>

const episode = z
  .object({
    id: episodeId,
    rule_id: z.uuid(),
    rule_name: z.string(),
    words: z.string().nullable(),
    kind: z.enum(['alert', 'insight']),
    severity: z.enum(severities),
    session_id: z.string().nullable().describe('Null when it is not about a LIVE.'),
    subject: z
      .string()
      .nullable()
      .describe('A product, pin, traffic source, day or source, as the rule says.'),
    fired_at: instant,
    ended_at: instant.nullable().describe('Null while it is on.'),
    peak: z.number().nullable().describe('The furthest value.'),
    why: reason,
    ended_why: reason.nullable(),
    hushed: z.enum(['muted', 'silenced']).nullable().describe('Why nobody was told.'),
    acknowledged_at: instant.nullable(),
    acknowledged_by: z.string().nullable(),
  })
  .meta({ id: 'AlertEpisode' })
export type Episode = z.output<typeof episode>

export const listAlertRules = endpoint('GET', `${path}/rules`, {
  summary: 'List the alert rules of a creator, and its silences',
  access: 'read',
  params,
  reply: z.object({
    rules: z.array(rule),
    silences: z.array(silence),
    limit: z.int().describe('Rules that a creator may have.'),
  }),
})

const example = {
  name: 'CTR is low',
  condition: {
    kind: 'below',
    metric: 'ctr',
    subject: { of: 'live' },
    fires_at: 0.06,
    recovers_at: 0.08,
  },
  for_seconds: 180,
  minimum_sample: 500,
}

export const addAlertRule = endpoint('POST', `${path}/rules`, {
  summary: 'Add an alert rule',
  access: 'manage',
  params,
  body: newRule,
  example: { body: example },
  reply: z.object({ rule }),
  status: 201,
})

export const changeAlertRule = endpoint('PATCH', `${path}/rules/:rule_id`, {
  summary: 'Change an alert rule',
  access: 'manage',
  params: ruleParams,
  body: ruleChanges,
  example: { body: { severity: 'critical', for_seconds: 300 } },
  reply: z.object({ rule }),
})

export const removeAlertRule = endpoint('DELETE', `${path}/rules/:rule_id`, {
  summary: 'Delete an alert rule; its episodes remain',
  access: 'manage',
  params: ruleParams,
  reply: z.undefined(),
  status: 204,
})

export const restoreAlertRule = endpoint('POST', `${path}/rules/:rule_id/restore`, {
  summary: 'Bring a deleted alert rule back, with its ID and history',
  access: 'manage',
  params: ruleParams,
  reply: z.object({ rule }),
})

export const listAlertEpisodes = endpoint('GET', `${path}/episodes`, {
  summary: 'List what fired, newest first',
  access: 'read',
  params,
  query: z.strictObject({
    rule_id: z.uuid().optional(),
    session_id: z.string().min(1).max(200).optional(),
    open: z.enum(['true', 'false']).optional().describe('Only those that are on.'),
    kind: z.enum(['alert', 'insight']).optional(),
    cursor: z
      .string()
      .regex(/^\d{1,16}~[0-9a-f]{32}$/, { error: 'is not a valid cursor' })
      .optional()
      .describe('`next_cursor` of the previous reply.'),
    limit: z.coerce.number().int().min(1).max(500).default(100),
  }),
  example: { query: { limit: 20 } },
  reply: z.object({ episodes: z.array(episode), next_cursor: z.string().nullable() }),
})

export const acknowledgeAlert = endpoint('POST', `${path}/episodes/:episode_id/acknowledge`, {
  summary: 'Acknowledge an episode; the first one counts',
  access: 'operate',
  params: z.object({ creator_id: creatorId, episode_id: episodeId }),
  reply: z.object({ episode }),
})

export const silenceAlerts = endpoint('POST', `${path}/silences`, {
  summary: 'Silence one rule, or all of them, for a while',
  access: 'operate',
  params,
  body: z.strictObject({
    rule_id: z.uuid().nullable().default(null).describe('Null for every rule.'),
    minutes: z
      .int()
      .min(1)
      .max(7 * 1_440),
  }),
  example: { body: { rule_id: null, minutes: 30 } },
  reply: z.object({ silence }),
  status: 201,
})

export const endSilence = endpoint('DELETE', `${path}/silences/:silence_id`, {
  summary: 'End a silence',
  access: 'operate',
  params: z.object({ creator_id: creatorId, silence_id: z.uuid() }),
  reply: z.undefined(),
  status: 204,
})

const pastEpisode = z.object({
  subject: z.string().nullable(),
  fired_at: instant,
  ended_at: instant.nullable(),
  minute: z.int().describe('Of the LIVE, in which it fired.'),
  until_minute: z.int().nullable(),
  peak: z.number().nullable(),
  why: reason,
  ended_why: reason.nullable(),
})

export const backtestAlertRule = endpoint('POST', `${path}/backtest`, {
  summary: 'Try a rule on the last LIVEs before saving it',
  access: 'read',
  params,
  body: z.strictObject({ rule: newRule, lives: z.int().min(1).max(10).default(5) }),
  example: { body: { rule: example, lives: 5 } },
  reply: z.object({
    unavailable: z.string().nullable().describe('Why this rule cannot be tried on the past.'),
    episodes: z.int().describe('How often it would have fired.'),
    lives: z
      .array(
        z.object({
          session_id: z.string(),
          started_at: instant,
          ended_at: instant,
          imported: z.boolean().describe('Tried by the times of its events: it arrived later.'),
          episodes: z.array(pastEpisode).describe('At most 200.'),
          curve: z
            .array(z.object({ minute: z.int(), value: z.number().nullable() }))
            .describe('The measured value at the end of each minute, if there is only one.'),
        }),
      )
      .describe('Newest first; LIVEs whose events were dropped are left out.'),
  }),
})

const noise = {
  episodes: z.int(),
  episodes_per_live: z.number().nullable().describe('Null when there was no LIVE.'),
  acknowledged_share: z.number().nullable().describe('Null when nothing fired.'),
  median_seconds_to_acknowledge: z.number().nullable(),
  median_seconds_on: z.number().nullable(),
}
const noiseDays = z.strictObject({ days: z.coerce.number().int().min(1).max(365).default(30) })

export const listAlertNoise = endpoint('GET', `${path}/noise`, {
  summary: 'List how noisy each rule about a problem is, the noisiest first',
  access: 'read',
  params,
  query: noiseDays,
  example: { query: { days: 30 } },
  reply: z.object({
    days: z.int(),
    lives: z.int().describe('LIVEs in these days.'),
    rules: z.array(z.object({ rule_id: z.uuid(), ...noise })),
  }),
})

export const getAlertNoise = endpoint('GET', `${path}/rules/:rule_id/noise`, {
  summary: 'Get how noisy a rule is, and a calmer threshold',
  access: 'read',
  params: ruleParams,
  query: noiseDays,
  example: { query: { days: 30 } },
  reply: z.object({
    days: z.int(),
    lives: z.int(),
    ...noise,
    suggestion: z
      .object({
        condition: plainCondition,
        lives: z.int().describe('LIVEs it was tried on.'),
        episodes_now: z.int(),
        episodes_then: z.int(),
      })
      .nullable()
      .describe('Null if the rule is calm.'),
  }),
})

/** Actions recorded in the audit log. */
export const alertsAudit = [
  'alert_rule.added',
  'alert_rule.changed',
  'alert_rule.deleted',
  'alert_rule.restored',
  'alert.acknowledged',
  'alert.silenced',
  'alert.silence_ended',
] as const
