import type { Goal } from '@creatorflow/shared/features/goals'
import type { GoalMetric } from '@creatorflow/shared/goal'
import { type Forecast, PAST_LIVES } from '@creatorflow/shared/insights/forecast'
import { metricOf } from '@creatorflow/shared/metrics'
import { metricName, metricNameInText } from '#lib/catalogue.ts'
import { type Convention, formatCount, formatMoney } from '#lib/format.ts'
import { m } from '#messages'

/** An amount of what a goal is of, in few characters: `$12,000`, `214`. */
export function amountWords(value: number, metric: GoalMetric, convention: Convention): string {
  const whole = Math.round(value)
  return metricOf(metric).unit === 'money'
    ? formatMoney(whole, convention, 7)
    : formatCount(whole, convention, 6)
}

/** The goal by name: `$12,000 GMV`, `50 orders`. */
export function goalName({ metric, target }: Goal, convention: Convention): string {
  const { unit } = metricOf(metric)
  return m.goal_amount_of_metric({
    amount: amountWords(target, metric, convention),
    metric: unit === 'money' ? metricName(metric) : metricNameInText(metric),
  })
}

/** How often the interval was right; empty where there is none. */
export function coverageWords({ coverage }: Forecast): string {
  return coverage ? m.goal_it_held_in_right_of_of({ right: coverage.right, of: coverage.of }) : ''
}

/** How the forecast is known, in a sentence. */
export function basisWords(known: Forecast | null): string {
  if (!known) return m.goal_no_forecast_yet()
  switch (known.basis) {
    case 'over':
      return m.goal_live_is_over_or_past_its()
    case 'straight':
      return m.goal_assumes_rate({ needed: PAST_LIVES, lives: known.lives })
    case 'past':
      return m.goal_forecast_from_how_your_last_lives({ lives: known.lives })
  }
}
