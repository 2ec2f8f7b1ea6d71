import type { InsightKind, Reason } from '@creatorflow/shared/alert-reason'
import { type MetricId, metricOf } from '@creatorflow/shared/metrics'
import { type Convention, formatCount, formatMoney, formatSpan, formatValue } from '#lib/format.ts'
import { m } from '#messages'

/** Why something fired or recovered, in the creator's numbers; streamer mode hides the amounts. */
export function reasonWords(reason: Reason, convention: Convention): string {
  const of = (metric: MetricId, value: number) => valueWords(metric, value, convention)
  switch (reason.kind) {
    case 'value': {
      const { metric, value, relation, line, sample, over_minutes } = reason
      const name = metricOf(metric).name
      const said = sides[relation]({
        metric: name,
        value: of(metric, value),
        line: of(metric, line),
      })
      const over =
        over_minutes === null
          ? said
          : m.alerts_over_span({ said, span: formatSpan(over_minutes * 60) })
      if (!sample) return over
      return m.alerts_said_of_sample({
        said: over,
        sample: of(sample.metric, sample.value),
        metric: inSentence(sample.metric),
      })
    }
    case 'change': {
      const { metric, from, to, window_minutes } = reason
      const percent = Math.round((to / from - 1) * 100)
      const said = {
        metric: metricOf(metric).name,
        percent: Math.abs(percent),
        span: formatSpan(window_minutes * 60),
        from: of(metric, from),
        to: of(metric, to),
      }
      return percent < 0 ? m.alerts_went_down(said) : m.alerts_went_up(said)
    }
    case 'unusual': {
      const { metric, value, median } = reason
      return m.alerts_usually({
        metric: metricOf(metric).name,
        value: of(metric, value),
        median: of(metric, median),
      })
    }
    case 'silent':
      return m.alerts_none_for({
        metric: inSentence(reason.metric),
        span: formatSpan(reason.minutes * 60),
      })
    case 'runs_out': {
      const left = formatCount(reason.left, convention)
      if (reason.minutes === null) return m.alerts_left_none_selling({ left })
      return m.alerts_left_gone_in({ left, span: formatSpan(Math.max(60, reason.minutes * 60)) })
    }
    case 'oversold':
      return m.alerts_sold_in_stock({
        sold: formatCount(reason.sold, convention),
        left: formatCount(reason.left, convention),
      })
    case 'pace':
      return m.alerts_on_pace({ percent: Math.round((reason.forecast / reason.target) * 100) })
    case 'source':
      return m.alerts_source_state({
        name: reason.name,
        state: reason.state.replaceAll('_', ' '),
      })
    case 'pin':
      return reason.clicks === 0
        ? m.alerts_no_click_for({ span: formatSpan(Math.floor(reason.minutes) * 60) })
        : clicksWords(reason.clicks, convention)
    case 'insight':
      return insightWords(reason.insight, reason.value ?? 0, reason.before ?? 0, convention)
    case 'unknown':
      return reason.reason
    case 'small_sample': {
      const { metric, value } = reason.sample
      return m.alerts_only_so_far({ sample: of(metric, value), metric: inSentence(metric) })
    }
    case 'over':
      return endings[reason.what]
  }
}

/** A value of a metric; an average of people has a decimal while it is small. */
export function valueWords(metric: MetricId, value: number, convention: Convention): string {
  return formatValue(value, metricOf(metric).unit, convention)
}

/** The name of a metric in the middle of a sentence: `orders`, but `GMV`. */
export const inSentence = (metric: MetricId): string =>
  metricOf(metric).name.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase())

const sides = {
  '<': m.alerts_is_below,
  '>': m.alerts_is_above,
  '≤': m.alerts_is_at_most,
  '≥': m.alerts_is_at_least,
} as const

const endings: Readonly<Record<Extract<Reason, { kind: 'over' }>['what'], string>> = {
  live: m.alerts_over_live(),
  day: m.alerts_over_day(),
  product: m.alerts_over_product(),
  pin: m.alerts_over_pin(),
  source: m.alerts_over_source(),
  traffic_source: m.alerts_over_traffic(),
  rule: m.alerts_over_rule(),
}

const clicksWords = (clicks: number, convention: Convention) =>
  m.alerts_clicks({ n: clicks, shown: formatCount(clicks, convention) })

function insightWords(
  insight: InsightKind,
  value: number,
  before: number,
  convention: Convention,
): string {
  const count = (of: number) => formatCount(of, convention)
  switch (insight) {
    case 'first_order':
      return m.alerts_said_first_order()
    case 'orders':
      return m.alerts_said_orders({ count: count(value) })
    case 'goal_reached':
      return m.alerts_said_goal()
    case 'record_minute':
      return m.alerts_said_record_minute({ money: formatMoney(value, convention) })
    case 'record_viewers':
      return m.alerts_said_record_viewers({ count: count(value), before: count(before) })
    case 'viewer_surge':
      return m.alerts_said_surge({ count: count(value), before: count(before) })
    case 'best_product':
      return m.alerts_said_best_product({ money: formatMoney(value, convention) })
    case 'top_gifter':
      return m.alerts_said_gifter({ count: count(value) })
    case 'sell_out':
      return m.alerts_said_sell_out()
  }
}
