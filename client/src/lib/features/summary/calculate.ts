import { compare } from '@creatorflow/shared/insights/compare'
import type { PresentedLive } from '@creatorflow/shared/present'
import { type Convention, formatCount, formatLength, formatMoney } from '#lib/format.ts'
import { changeOf } from '#lib/tiles/words.ts'
import { m } from '#messages'

/** A LIVE with what was paid for it after its end, minor units; null where that is not known. */
export interface Sold {
  readonly live: PresentedLive
  readonly afterEnd: number | null
}

/** What was sold between start and end; with unknown payments after it, what there is in all. */
export function soldDuring({ live, afterEnd }: Sold): number {
  return (live.metrics.gmv?.value ?? 0) - (afterEnd ?? 0)
}

/** "$8,291.40 in 1 h 23 min, 18% more than the last LIVE": what was sold while each was on. */
export function headlineOf(
  sold: Sold,
  /** Null also while it is not known yet. */
  previous: Sold | null,
  isFirst: boolean,
  now: number,
  convention: Convention,
): string {
  const { live } = sold
  const gmv = formatMoney(soldDuring(sold), convention)
  const length = formatLength(live, now)
  // While it is on, a whole LIVE is no measure for it.
  if (live.status !== 'ended') return m.summary_gmv_in_length_so_far({ gmv, length })
  const told =
    sold.afterEnd === null
      ? m.summary_sold_in_total({ gmv })
      : m.summary_sold_in_length({ gmv, length })
  return isFirst ? m.summary_first({ sold: told }) : compared(told, sold, previous, convention)
}

/** "$439.13 more was paid after the end (2 orders): $7,167.65 in total"; empty where there is nothing to add. */
export function afterEndOf(sold: Sold, orders: number, convention: Convention): string {
  if (!sold.afterEnd) return ''
  const more = formatMoney(sold.afterEnd, convention)
  const all = formatMoney(sold.live.metrics.gmv?.value ?? 0, convention)
  return m.summary_more_paid_after_end({
    more,
    orders,
    shown: formatCount(orders, convention),
    all,
  })
}

function compared(told: string, sold: Sold, previous: Sold | null, convention: Convention): string {
  // The same part of both, or nothing.
  if (!previous || (sold.afterEnd === null) !== (previous.afterEnd === null)) return told
  const comparison = compare('gmv', soldDuring(sold), soldDuring(previous))
  if (comparison.direction === 'same') return m.summary_same({ sold: told })
  if (comparison.reference === 0) return m.summary_last_without_sales({ sold: told })
  const growth = changeOf('gmv', comparison, convention)
  if (growth.startsWith('×')) return m.summary_times({ sold: told, growth })
  return comparison.direction === 'up'
    ? m.summary_more({ sold: told, growth })
    : m.summary_less({ sold: told, growth })
}
