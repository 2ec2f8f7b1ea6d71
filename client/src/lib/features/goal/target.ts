import { exponentOf } from '@creatorflow/shared/currency'
import { type GoalMetric, MOST_TARGET } from '@creatorflow/shared/goal'
import { metricOf } from '@creatorflow/shared/metrics'
import { type Convention, formatCount, formatMoney } from '#lib/format.ts'

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
  return {
    problem: `Enter ${isMoney(metric) ? 'an amount' : 'a number'} from ${inWords(1)} to ${inWords(MOST_TARGET)}.`,
  }
}
