import { exponentOf } from '@creatorflow/shared/currency'
import { type GoalMetric, MOST_TARGET } from '@creatorflow/shared/goal'
import { metricOf } from '@creatorflow/shared/metrics'
import { type Convention, formatCount, formatMoney } from '#lib/format.ts'
import { m } from '#messages'

export const isMoney = (metric: GoalMetric): boolean => metricOf(metric).unit === 'money'

/** The target that a person means by a number, in the units of the API, or what is wrong with it. */
export function targetOf(
  entered: number | null,
  metric: GoalMetric,
  { currency, locale }: Pick<Convention, 'currency' | 'locale'>,
): { readonly target: number } | { readonly problem: string } {
  const perUnit = isMoney(metric) ? 10 ** exponentOf(currency) : 1
  const target = Math.round((entered ?? Number.NaN) * perUnit)
  if (target >= 1 && target <= MOST_TARGET) return { target }
  // Nothing here is anybody's figure: streamer mode hides neither limit.
  const inWords = (value: number) =>
    isMoney(metric) ? formatMoney(value, { currency, locale }) : formatCount(value, { locale })
  const limits = { least: inWords(1), most: inWords(MOST_TARGET) }
  return {
    problem: isMoney(metric) ? m.goal_enter_amount(limits) : m.goal_enter_number(limits),
  }
}
