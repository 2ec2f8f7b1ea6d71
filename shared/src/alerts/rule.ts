import { z } from 'zod'
import { severities } from '../alert-reason.ts'
import { plainCondition } from './condition.ts'
import { contradictionsOf } from './contradictions.ts'
import { ruleLimits } from './rule-limits.ts'

const condition = plainCondition.superRefine((given, context) => {
  for (const { path, message } of contradictionsOf(given)) {
    context.addIssue({ code: 'custom', path: [path], message })
  }
})

const seconds = (most: number) => z.int().min(0).max(most)
const clock = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'must be a time such as 22:30' })

/** What an owner may say of a rule. */
const ruleFields = {
  name: z.string().trim().min(1).max(ruleLimits.nameCharacters),
  words: z
    .string()
    .trim()
    .max(ruleLimits.wordsCharacters)
    .nullable()
    .describe('What to do when it fires, in the owner’s own words.'),
  enabled: z.boolean(),
  muted: z.boolean().describe('Keeps its history but tells nobody.'),
  severity: z.enum(severities),
  condition,
  for_seconds: seconds(ruleLimits.durationSeconds).describe(
    'How long the condition must hold before it fires.',
  ),
  keep_firing_seconds: seconds(ruleLimits.durationSeconds).describe(
    'How long the value must be back before it recovers.',
  ),
  cooldown_seconds: seconds(ruleLimits.cooldownSeconds).describe(
    'After a recovery nothing fires for this long.',
  ),
  minimum_sample: z
    .int()
    .min(0)
    .max(1_000_000_000)
    .describe('Smallest denominator of a rate, such as views for a CTR.'),
  only_live: z.boolean().describe('Only while a LIVE is on air.'),
  quiet_hours: z
    .strictObject({ from: clock, to: clock })
    .refine(({ from, to }) => from !== to, { error: 'from and to must differ' })
    .nullable()
    .describe('In the creator’s time zone. Deliveries wait until they are over; screens do not.'),
  on_screen: z.boolean().describe('Shows a toast and a banner.'),
  targets: z
    .array(z.string().min(1).max(64))
    .max(ruleLimits.targets)
    .nullable()
    .describe('IDs of delivery targets; null for every target of the creator.'),
}

export const newRule = z
  .strictObject({
    ...ruleFields,
    words: ruleFields.words.default(null),
    enabled: ruleFields.enabled.default(true),
    muted: ruleFields.muted.default(false),
    severity: ruleFields.severity.default('warning'),
    for_seconds: ruleFields.for_seconds.default(60),
    keep_firing_seconds: ruleFields.keep_firing_seconds.default(60),
    cooldown_seconds: ruleFields.cooldown_seconds.default(300),
    minimum_sample: ruleFields.minimum_sample.default(0),
    only_live: ruleFields.only_live.default(true),
    quiet_hours: ruleFields.quiet_hours.default(null),
    on_screen: ruleFields.on_screen.default(true),
    targets: ruleFields.targets.default(null),
  })
  .meta({ id: 'NewAlertRule' })
export type NewRule = z.input<typeof newRule>
export type RuleBody = z.output<typeof newRule>

/** Some of the fields of a rule. */
export const ruleChanges = z.strictObject(ruleFields).partial()
export type RuleChanges = z.output<typeof ruleChanges>

/** A rule as the engine has it. */
export interface Rule extends RuleBody {
  readonly id: string
}
