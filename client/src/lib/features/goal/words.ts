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
  return coverage ? `right in ${coverage.right} of ${coverage.of} past LIVEs` : ''
}

/** How the forecast is known, in a sentence. */
export function basisWords(known: Forecast | null): string {
  if (!known) return 'Nothing is known yet of how this LIVE will end.'
  switch (known.basis) {
    case 'over':
      return 'It is over, or its planned end has come.'
    case 'straight':
      return (
        `A straight line: as it went so far, on to the end. Only ${known.lives} LIVEs of the last 14 days tell ` +
        `how it goes on from this minute; an interval needs ${PAST_LIVES}.`
      )
    case 'past':
      return (
        `By how much ${known.lives} LIVEs of the last 14 days still grew from this minute on: the middle one is the ` +
        'forecast, four of five should end inside the interval.'
      )
  }
}
