import type { InsightKind, Reason } from '../alert-reason.ts'
import { exponentOf } from '../currency.ts'
import { type MetricId, metricOf } from '../metrics.ts'

export interface SayOptions {
  /** Of money, such as `USD`. */
  readonly currency: string
  /** Of a product, by its id; undefined where none is known. */
  readonly productName?: (id: string) => string | undefined
}

/** Why something fired or recovered, in plain English: for whatever has no page of its own, such as an e-mail. */
export function sayReason(reason: Reason, { currency }: SayOptions): string {
  const of = (metric: MetricId, value: number) => sayValue(metric, value, currency)
  switch (reason.kind) {
    case 'value': {
      const { metric, value, relation, line, sample, over_minutes } = reason
      const over = over_minutes === null ? '' : ` over ${minutes(over_minutes)}`
      const from = sample ? ` (${of(sample.metric, sample.value)} ${lower(sample.metric)})` : ''
      return `${metricOf(metric).name} ${of(metric, value)} ${relation} ${of(metric, line)}${over}${from}`
    }
    case 'change': {
      const { metric, from, to, window_minutes } = reason
      const percent = Math.round((to / from - 1) * 100)
      const way = percent < 0 ? `down ${-percent}%` : `up ${percent}%`
      return `${metricOf(metric).name} ${way} in ${minutes(window_minutes)}: from ${of(metric, from)} to ${of(metric, to)}`
    }
    case 'unusual':
      return `${metricOf(reason.metric).name} ${of(reason.metric, reason.value)}, usually ${of(reason.metric, reason.median)} by now`
    case 'silent':
      return `No ${lower(reason.metric)} for ${minutes(reason.minutes)}`
    case 'runs_out':
      return reason.minutes === null
        ? `${reason.left} left, and none is selling`
        : `${reason.left} left, gone in about ${minutes(Math.max(1, Math.round(reason.minutes)))}`
    case 'oversold':
      return `${reason.sold} sold, ${reason.left} in stock`
    case 'pace':
      return `On pace for ${Math.round((reason.forecast / reason.target) * 100)}% of the goal`
    case 'source':
      return `${reason.name}: ${reason.state.replaceAll('_', ' ')}`
    case 'pin':
      return reason.clicks > 0
        ? `${reason.clicks} clicks`
        : `No click for ${minutes(Math.floor(reason.minutes))}`
    case 'insight':
      return sayInsight(reason.insight, reason.value, reason.before, currency)
    case 'unknown':
      return reason.reason
    case 'small_sample':
      return `Only ${of(reason.sample.metric, reason.sample.value)} ${lower(reason.sample.metric)} so far`
    case 'over':
      return over[reason.what]
  }
}

const over: Readonly<Record<Extract<Reason, { kind: 'over' }>['what'], string>> = {
  live: 'The LIVE ended',
  day: 'The day ended',
  product: 'The product is no longer there',
  pin: 'The product is no longer pinned',
  source: 'The source is no longer watched',
  traffic_source: 'Nobody comes this way anymore',
  rule: 'The rule was changed',
}

function sayInsight(
  insight: InsightKind,
  value: number | null,
  before: number | null,
  currency: string,
): string {
  const number = plain(value ?? 0)
  switch (insight) {
    case 'first_order':
      return 'The first order of this LIVE'
    case 'orders':
      return `${number} orders`
    case 'goal_reached':
      return 'The goal is reached'
    case 'record_minute':
      return `${money(value ?? 0, currency)} in one minute, more than ever before`
    case 'record_viewers':
      return `${number} viewers at once, more than the ${plain(before ?? 0)} of any LIVE before`
    case 'viewer_surge':
      return `${number} viewers, up from ${plain(before ?? 0)}`
    case 'best_product':
      return `${money(value ?? 0, currency)} of GMV, more than any other product`
    case 'top_gifter':
      return `${number} diamonds from one person`
    case 'sell_out':
      return 'Sold out'
  }
}

/** A value of a metric as people read it. */
export function sayValue(metric: MetricId, value: number, currency: string): string {
  switch (metricOf(metric).unit) {
    case 'money':
      return money(value, currency)
    case 'ratio':
      return new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 }).format(
        value,
      )
    case 'seconds':
      return `${plain(Math.round(value))} s`
    default:
      return plain(Math.round(value * 10) / 10)
  }
}

const plain = (value: number) => new Intl.NumberFormat('en').format(value)

function money(minor: number, currency: string): string {
  const digits = exponentOf(currency)
  return new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(Math.round(minor) / 10 ** digits)
}

const minutes = (count: number) => (count === 1 ? '1 minute' : `${plain(count)} minutes`)

const lower = (metric: MetricId) =>
  metricOf(metric).name.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase())
