import type { Severity } from '@creatorflow/shared/alert-reason'
import type { Condition } from '@creatorflow/shared/alerts/condition'
import { contradictionsOf } from '@creatorflow/shared/alerts/contradictions'
import { exponentOf } from '@creatorflow/shared/currency'
import type { ShownRule } from '@creatorflow/shared/features/alerts'
import { type MetricId, metricIds, metricOf } from '@creatorflow/shared/metrics'
import type { Convention } from '#lib/format.ts'

/** Conditions that are about no metric of their own. */
export const specials = [
  'source_down',
  'oversold',
  'runs_out',
  'pin_without_click',
  'off_pace',
] as const
export type Special = (typeof specials)[number]
export const isSpecial = (what: MetricId | Special): what is Special =>
  (specials as readonly string[]).includes(what)

export const comparisons = [
  'below',
  'above',
  'outside',
  'falls',
  'rises',
  'unusual',
  'no_data',
] as const
export type Comparison = (typeof comparisons)[number]

export const subjects = ['live', 'day', 'product', 'traffic_source'] as const
export type SubjectOf = (typeof subjects)[number]

/** A rule as its form shows it: numbers in the units that people use, and nothing that is not on the form. */
export interface Draft {
  what: MetricId | Special
  subject: SubjectOf
  /** One product or traffic source; empty for each one. */
  part: string
  comparison: Comparison
  /** The threshold: a value of the metric, percent, deviations or minutes, as the comparison says. */
  line: number | null
  /** The upper end of a band. */
  upper: number | null
  /** Where it recovers; null for the threshold itself. Of a band the margin. */
  back: number | null
  /** Minutes that are looked at; null since the start. */
  over: number | null
  forMinutes: number | null
  keepMinutes: number | null
  cooldownMinutes: number | null
  sample: number | null
  onlyLive: boolean
  quiet: boolean
  quietFrom: string
  quietTo: string
  severity: Severity
  name: string
  words: string
  onScreen: boolean
  /** IDs of targets that are notified; null for all of them. */
  targets: string[] | null
}

type Money = Pick<Convention, 'currency'>

/** A value of a metric in the unit in which people enter it: percent, dollars. */
export function entered(metric: MetricId, value: number, { currency }: Money): number {
  const factor = perUnit(metric, currency)
  return Number((value * factor).toPrecision(12))
}

/** What was entered, as the API has it. */
export function meant(metric: MetricId, value: number, { currency }: Money): number {
  const exact = Number((value / perUnit(metric, currency)).toPrecision(12))
  return metricOf(metric).unit === 'money' ? Math.round(exact) : exact
}

function perUnit(metric: MetricId, currency: string): number {
  const { unit } = metricOf(metric)
  return unit === 'ratio' ? 100 : unit === 'money' ? 1 / 10 ** exponentOf(currency) : 1
}

/** Whether a comparison takes a value of the metric, rather than percent, deviations or minutes. */
export const takesValue = (comparison: Comparison): boolean =>
  comparison === 'below' || comparison === 'above' || comparison === 'outside'

/** What the form begins with. */
export const firstDraft: Draft = {
  what: 'ctr',
  subject: 'live',
  part: '',
  comparison: 'below',
  line: 6,
  upper: null,
  back: null,
  over: null,
  forMinutes: 3,
  keepMinutes: 1,
  cooldownMinutes: 5,
  sample: 500,
  onlyLive: true,
  quiet: false,
  quietFrom: '22:00',
  quietTo: '08:00',
  severity: 'warning',
  name: '',
  words: '',
  onScreen: true,
  targets: null,
}

/** The draft of a rule; undefined for an insight, whose condition is fixed. */
export function draftOf(rule: ShownRule, money: Money): Draft {
  return {
    ...firstDraft,
    ...ofCondition(rule.condition, money),
    forMinutes: rule.for_seconds / 60,
    keepMinutes: rule.keep_firing_seconds / 60,
    cooldownMinutes: rule.cooldown_seconds / 60,
    sample: rule.minimum_sample,
    onlyLive: rule.only_live,
    quiet: rule.quiet_hours !== null,
    ...(rule.quiet_hours && { quietFrom: rule.quiet_hours.from, quietTo: rule.quiet_hours.to }),
    severity: rule.severity,
    name: rule.name,
    words: rule.words ?? '',
    onScreen: rule.on_screen,
    targets: rule.targets,
  }
}

function ofCondition(condition: Condition, money: Money): Partial<Draft> {
  switch (condition.kind) {
    case 'above':
    case 'below': {
      const { kind, metric, fires_at, recovers_at = fires_at, over_minutes: over } = condition
      const line = entered(metric, fires_at, money)
      const back = recovers_at === fires_at ? null : entered(metric, recovers_at, money)
      return { what: metric, comparison: kind, line, back, over, ...ofSubject(condition.subject) }
    }
    case 'outside': {
      const { metric, low, high, margin, over_minutes: over } = condition
      const [line, upper] = [entered(metric, low, money), entered(metric, high, money)]
      const back = margin === 0 ? null : entered(metric, margin, money)
      const what = metric
      return {
        what,
        comparison: 'outside',
        line,
        upper,
        back,
        over,
        ...ofSubject(condition.subject),
      }
    }
    case 'change': {
      const { metric, percent, recovers_percent: recovers = percent, window_minutes } = condition
      return {
        what: metric,
        comparison: percent < 0 ? 'falls' : 'rises',
        line: Math.abs(percent),
        back: recovers === percent ? null : Math.abs(recovers),
        over: window_minutes,
      }
    }
    case 'unusual': {
      const { metric, deviations, recovers_deviations: back = deviations } = condition
      const recovers = back === deviations ? null : back
      return { what: metric, comparison: 'unusual', line: deviations, back: recovers }
    }
    case 'no_data':
      return { what: condition.metric, comparison: 'no_data', line: condition.minutes }
    case 'runs_out':
      return { what: 'runs_out', line: condition.minutes, part: condition.product_id ?? '' }
    case 'oversold':
      return { what: 'oversold', line: null, part: condition.product_id ?? '' }
    case 'off_pace':
      return { what: 'off_pace', line: condition.percent }
    case 'pin_without_click':
      return { what: 'pin_without_click', line: condition.minutes }
    case 'source_down':
      return { what: 'source_down', line: null }
    case 'insight':
      return {}
  }
}

function ofSubject(subject: Extract<Condition, { kind: 'above' }>['subject']) {
  switch (subject.of) {
    case 'product':
      return { subject: subject.of, part: subject.product_id ?? '' }
    case 'traffic_source':
      return { subject: subject.of, part: subject.traffic_source ?? '' }
    default:
      return { subject: subject.of, part: '' }
  }
}

/** The condition that a draft describes; what is missing counts as 0, and is a problem of its own. */
export function conditionOf(draft: Draft, money: Money): Condition {
  const { what, line, back } = draft
  const part = draft.part.trim() || null
  if (isSpecial(what)) {
    const minutes = line ?? 0
    switch (what) {
      case 'source_down':
        return { kind: what }
      case 'oversold':
        return { kind: what, product_id: part }
      case 'runs_out':
        return { kind: what, product_id: part, minutes }
      case 'pin_without_click':
        return { kind: what, minutes }
      case 'off_pace':
        return { kind: what, percent: line ?? 0 }
    }
  }
  const value = (of: number | null) => meant(what, of ?? 0, money)
  const of = { metric: what, subject: subjectOf(draft.subject, part), over_minutes: draft.over }
  switch (draft.comparison) {
    case 'above':
    case 'below': {
      const recovers = back === null ? {} : { recovers_at: value(back) }
      return { kind: draft.comparison, ...of, fires_at: value(line), ...recovers }
    }
    case 'outside': {
      const band = { low: value(line), high: value(draft.upper) }
      return { kind: 'outside', ...of, ...band, margin: value(back) }
    }
    case 'falls':
    case 'rises': {
      const side = draft.comparison === 'falls' ? -1 : 1
      return {
        kind: 'change',
        metric: what,
        subject: { of: 'live' },
        window_minutes: draft.over ?? 5,
        percent: side * (line ?? 0),
        ...(back !== null && { recovers_percent: side * back }),
      }
    }
    case 'unusual': {
      const recovers = back === null ? {} : { recovers_deviations: back }
      return { kind: 'unusual', metric: what, deviations: line ?? 0, ...recovers }
    }
    case 'no_data':
      return { kind: 'no_data', metric: what, minutes: line ?? 0 }
  }
}

function subjectOf(of: SubjectOf, part: string | null) {
  switch (of) {
    case 'product':
      return { of, product_id: part }
    case 'traffic_source':
      return { of, traffic_source: part }
    default:
      return { of }
  }
}

const money = { currency: 'USD' }
/** Whether what is asked for is kept at all, whatever the thresholds. */
const isKept = (draft: Draft): boolean =>
  contradictionsOf(conditionOf(draft, money)).every(
    ({ path }) => path !== 'metric' && path !== 'over_minutes' && path !== 'window_minutes',
  )

const probe = (what: MetricId, more: Partial<Draft>): Draft => ({ ...firstDraft, what, ...more })

/** The subjects for which a metric is known. */
export const subjectsFor = (what: MetricId): readonly SubjectOf[] =>
  subjects.filter((subject) => isKept(probe(what, { subject, over: null })))

/** Whether a metric is kept by minute, so that the last minutes of it can be looked at. */
export const hasMinutes = (what: MetricId): boolean => isKept(probe(what, { over: 5 }))

/** What a metric of a subject can be compared with. */
export const comparisonsFor = (what: MetricId, subject: SubjectOf): readonly Comparison[] =>
  comparisons.filter((comparison) =>
    takesValue(comparison)
      ? isKept(probe(what, { comparison, subject, over: null }))
      : subject === 'live' && isKept(probe(what, { comparison, over: 5 })),
  )

/** The metrics that rules can be about. */
export const ruleMetrics: readonly MetricId[] = metricIds.filter(
  (id) => metricOf(id).unit !== 'seconds' && subjectsFor(id).length > 0,
)

/** Whether a text, such as of an address, names a metric that rules can be about. */
export const isMetric = (text: string): text is MetricId =>
  (ruleMetrics as readonly string[]).includes(text)

/** Whether its thresholds are amounts. */
export const isOfMoney = ({ what, comparison }: Pick<Draft, 'what' | 'comparison'>): boolean =>
  !isSpecial(what) && takesValue(comparison) && metricOf(what).unit === 'money'
