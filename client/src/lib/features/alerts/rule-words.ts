import type { Condition } from '@creatorflow/shared/alerts/condition'
import type { ShownRule } from '@creatorflow/shared/features/alerts'
import { metricOf } from '@creatorflow/shared/metrics'
import { type Convention, formatSpan } from '#lib/format.ts'
import { m } from '#messages'
import { inSentence, valueWords } from './reason-words.ts'

export type RuleLike = Pick<ShownRule, 'condition' | 'for_seconds'>

/** What a rule watches for, in a phrase: `CTR below 6% for 3 min`. */
export function ruleWords({ condition, for_seconds }: RuleLike, convention: Convention): string {
  const said = conditionWords(condition, convention)
  const isMoment = for_seconds === 0 || condition.kind === 'insight'
  return isMoment ? said : m.alerts_for({ what: said, span: formatSpan(for_seconds) })
}

function conditionWords(condition: Condition, convention: Convention): string {
  switch (condition.kind) {
    case 'above':
    case 'below': {
      const { kind, metric, fires_at } = condition
      const said = {
        measured: measuredWords(condition),
        value: valueWords(metric, fires_at, convention),
      }
      return kind === 'below' ? m.alerts_measured_below(said) : m.alerts_measured_above(said)
    }
    case 'outside': {
      const { metric, low, high } = condition
      return m.alerts_measured_outside({
        measured: measuredWords(condition),
        low: valueWords(metric, low, convention),
        high: valueWords(metric, high, convention),
      })
    }
    case 'change': {
      const { metric, percent, window_minutes } = condition
      const said = {
        metric: metricOf(metric).name,
        percent: Math.abs(percent),
        span: formatSpan(window_minutes * 60),
      }
      return percent < 0 ? m.alerts_goes_down(said) : m.alerts_goes_up(said)
    }
    case 'unusual':
      return m.alerts_worse_than_usual({
        metric: metricOf(condition.metric).name,
        deviations: condition.deviations,
      })
    case 'no_data':
      return m.alerts_none_for({
        metric: inSentence(condition.metric),
        span: formatSpan(condition.minutes * 60),
      })
    case 'runs_out':
      return condition.product_id === null
        ? m.alerts_a_product_sells_out({ span: formatSpan(condition.minutes * 60) })
        : m.alerts_product_sells_out({
            product: condition.product_id,
            span: formatSpan(condition.minutes * 60),
          })
    case 'oversold':
      return condition.product_id === null
        ? m.alerts_oversold_any()
        : m.alerts_oversold_one({ product: condition.product_id })
    case 'off_pace':
      return m.alerts_forecast_below({ percent: condition.percent })
    case 'source_down':
      return m.alerts_source_disconnected()
    case 'pin_without_click':
      return m.alerts_pin_no_click({ span: formatSpan(condition.minutes * 60) })
    case 'insight':
      return insightMeanings[condition.insight]
  }
}

type Measured = Extract<Condition, { kind: 'above' | 'below' | 'outside' }>

function measuredWords({ metric, subject, over_minutes }: Measured): string {
  const { name } = metricOf(metric)
  if (over_minutes !== null) {
    return m.alerts_of_last({ metric: name, span: formatSpan(over_minutes * 60) })
  }
  switch (subject.of) {
    case 'live':
      return name
    case 'day':
      return m.alerts_of_day({ metric: name })
    case 'product':
      return subject.product_id === null
        ? m.alerts_of_any_product({ metric: name })
        : m.alerts_of_product({ metric: name, product: subject.product_id })
    case 'traffic_source':
      return subject.traffic_source === null
        ? m.alerts_of_any_traffic({ metric: name })
        : m.alerts_of_traffic({ metric: name, traffic: subject.traffic_source })
  }
}

const insightMeanings: Readonly<
  Record<Extract<Condition, { kind: 'insight' }>['insight'], string>
> = {
  first_order: m.alerts_means_first_order(),
  orders: m.alerts_means_orders(),
  goal_reached: m.alerts_means_goal(),
  record_minute: m.alerts_means_record_minute(),
  record_viewers: m.alerts_means_record_viewers(),
  viewer_surge: m.alerts_means_surge(),
  best_product: m.alerts_means_best_product(),
  top_gifter: m.alerts_means_gifter(),
  sell_out: m.alerts_means_sell_out(),
}

export const severityNames = {
  info: m.alerts_info(),
  warning: m.alerts_warning(),
  critical: m.alerts_critical(),
} as const
