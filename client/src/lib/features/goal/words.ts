import type { Goal } from '@creatorflow/shared/features/goals'
import type { GoalMetric } from '@creatorflow/shared/goal'
import { type Forecast, PAST_LIVES } from '@creatorflow/shared/insights/forecast'
import { metricOf } from '@creatorflow/shared/metrics'
import { type Convention, formatCount, formatMoney } from '#lib/format.ts'

/** An amount of what a goal is of, in few characters: `$12,000`, `214`. */
export function amountWords(value: number, metric: GoalMetric, convention: Convention): string {
  const whole = Math.round(value)
  return metricOf(metric).unit === 'money'
    ? formatMoney(whole, convention, 7)
    : formatCount(whole, convention, 6)
}

/** The goal by name: `$12,000 GMV`, `50 orders`. */
export function goalName({ metric, target }: Goal, convention: Convention): string {
  const { name, unit } = metricOf(metric)
  return `${amountWords(target, metric, convention)} ${unit === 'money' ? name : name.toLowerCase()}`
}

/** How often the interval was right; empty where there is none. */
export function coverageWords({ coverage }: Forecast): string {
  return coverage ? `it held in ${coverage.right} of ${coverage.of} past LIVEs` : ''
}

/** How the forecast is known, in a sentence. */
export function basisWords(known: Forecast | null): string {
  if (!known) return 'No forecast yet.'
  switch (known.basis) {
    case 'over':
      return 'The LIVE is over, or past its planned end.'
    case 'straight':
      return (
        `Assumes the rate so far continues. A range needs ${PAST_LIVES} LIVEs in the last 14 days that went on ` +
        `past this minute; you have ${known.lives}.`
      )
    case 'past':
      return `Forecast from how your last ${known.lives} LIVEs grew after this minute. The range should hold 4 times out of 5.`
  }
}
