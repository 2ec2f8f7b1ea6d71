import { cellOf } from '../columns.ts'
import { type LiveDetail, rowOf, type Totals } from '../live-state.ts'
import { type MetricId, metricIds, metricOf, productMetricIds } from '../metrics.ts'
import { type FunnelStep, funnelOf } from '../present.ts'
import { type Baseline, usualAt, waitingForBase } from './compare.ts'
import { type Elapsed, totalAt } from './elapsed.ts'

export interface FunnelBar extends FunnelStep {
  /** Length of the bar, 0 to 1 in steps of 1/400: the share of the step before, the first step whole. */
  readonly length: number
  /** The step that `rate` is a share of. */
  readonly from: MetricId | null
  /** What the rate is a share of: the value of `from`. */
  readonly base: number | null
  /** The rate that this one is compared with. */
  readonly reference: number | null
  /** Where the bar would end with the reference, 0 to 1. */
  readonly tick: number | null
  /** It is the step that falls furthest behind its reference, and clearly. */
  readonly behind: boolean
}

/** A rate that `from` and `id` have elsewhere; null when there is none. */
export type ReferenceRate = (id: MetricId, from: MetricId) => number | null

/** A rate below this share of its reference is clearly behind. */
const BEHIND = 0.85
/** Finer lengths nobody sees, and each one would be drawn. */
const LENGTHS = 400

/** Steps as bars, each with the step that its rate refers to, and how that stands to its reference. */
export function calculateFunnelBars(
  steps: readonly FunnelStep[],
  referenceOf: ReferenceRate = () => null,
): FunnelBar[] {
  // Counts, not people: one viewer may click three times, and a share above 1 is a full bar.
  const lengthOf = (share: number) => Math.round(Math.min(1, share) * LENGTHS) / LENGTHS
  const rates = ratesOf(steps)
  const shares = rates.map(({ id, from, rate }) => {
    const reference = from && rate !== null ? referenceOf(id, from) : null
    return reference ? (rate ?? 0) / reference : 1
  })
  const least = Math.min(...shares)
  return steps.map((step, index) => {
    const { from = null, base = null } = rates[index] ?? {}
    const { value, rate, id } = step
    const reference = from && rate !== null ? referenceOf(id, from) : null
    return {
      ...step,
      from,
      length: value ? lengthOf(rate ?? 1) : 0,
      base: rate === null ? null : base,
      reference,
      tick: reference === null ? null : lengthOf(reference),
      behind: least < BEHIND && index === shares.indexOf(least),
    }
  })
}

interface Rate {
  readonly id: MetricId
  readonly rate: number | null
  readonly from: MetricId | null
  /** The value of `from`. */
  readonly base: number | null
}

function ratesOf(steps: readonly FunnelStep[]): Rate[] {
  let before: { id: MetricId; value: number } | null = null
  return steps.map(({ id, value, rate }) => {
    const found = {
      id,
      rate,
      from: rate === null ? null : (before?.id ?? null),
      base: before?.value ?? null,
    }
    if (value !== null) before = { id, value }
    return found
  })
}

/** The rates of one funnel, for another one to be compared with. */
export function ratesIn(totals: Totals, steps: readonly MetricId[]): ReferenceRate {
  const rates = ratesOf(funnelOf(totals, steps))
  return (id, from) => rates.find((one) => one.id === id && one.from === from)?.rate ?? null
}

/** What is usual at the same minute: of a rate with a name what its tile is compared with, else the median of it. */
export function usualRatesAt(baseline: Baseline, elapsed: Elapsed): ReferenceRate {
  return (id, from) => {
    const named = rateMetric(id, from)
    if (named) return usualAt(baseline, named, elapsed)?.median ?? null
    return totalAt(baseline.usual.rates[`${id}/${from}`] ?? [], elapsed, null)
  }
}

/** The same references, but none of a rate that is a share of too little, or too early. */
export function fromEnough(
  reference: ReferenceRate,
  totals: Totals,
  elapsed: Elapsed,
): ReferenceRate {
  return (id, from) =>
    waitingForBase(from, totals[from] ?? 0, elapsed) === null ? reference(id, from) : null
}

/** The catalogue's metric that divides one step by another, such as CTR; undefined when the platform has no name for it. */
export function rateMetric(id: MetricId, from: MetricId): MetricId | undefined {
  return metricIds.find((candidate) => {
    const metric = metricOf(candidate)
    if (metric.merge !== 'derived' || metric.unit !== 'ratio') return false
    const { of, to } = metric.derive
    return isOnly(of, id) && to !== undefined && isOnly(to, from)
  })
}

const isOnly = (terms: Readonly<Record<string, number>>, id: MetricId): boolean =>
  Object.keys(terms).length === 1 && terms[id] === 1

/** What a LIVE has of one product, by metric. */
export function totalsOfProduct(
  { products, product_rows }: Pick<LiveDetail, 'products' | 'product_rows'>,
  id: string,
): Totals {
  const row = rowOf(product_rows, id)
  return Object.fromEntries(
    productMetricIds.map((metric) => [metric, cellOf(products, metric, row)]),
  )
}

/** What a LIVE has of all its products together. */
export function totalsOfProducts({
  products,
  products_other,
}: Pick<LiveDetail, 'products' | 'products_other'>): Totals {
  return Object.fromEntries(
    productMetricIds.map((metric) => [
      metric,
      (products[metric] ?? []).reduce((sum, value) => sum + value, products_other[metric] ?? 0),
    ]),
  )
}
