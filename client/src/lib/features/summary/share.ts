import { compare } from '@creatorflow/shared/insights/compare'
import { type Convention, formatCount, formatDay, formatLength, formatMoney } from '#lib/format.ts'
import { cleanText, shownIdentity } from '#lib/people/names.ts'
import { arrows, changeOf } from '#lib/tiles/words.ts'
import { m } from '#messages'
import { type Sold, soldDuring } from './calculate.ts'

/** What a card says that is sent around; in streamer mode neither money nor whose it is. */
export interface Share {
  readonly whose: string
  readonly day: string
  readonly amount: string
  readonly span: string
  /** Against the last LIVE; empty where there is nothing to say. */
  readonly growth: string
  readonly isBetter: boolean
  readonly figures: readonly { readonly name: string; readonly value: string }[]
}

const AMOUNT_CHARACTERS = 10

/** The headline of a summary as the words of a card. */
export function shareOf(
  sold: Sold,
  previous: Sold | null,
  { creatorName, topProduct }: { readonly creatorName: string; readonly topProduct: string | null },
  now: number,
  convention: Convention,
): Share {
  const { live } = sold
  const figure = (name: string, value: number | null | undefined) =>
    value == null ? [] : [{ name, value: formatCount(value, convention, 7) }]
  const { growth, isBetter } = growthOf(sold, previous, convention)
  return {
    whose: shownIdentity(cleanText(creatorName, 40), convention),
    day: formatDay(live.started_at, convention),
    amount: formatMoney(soldDuring(sold), convention, AMOUNT_CHARACTERS),
    span: m.summary_in_length({ length: formatLength(live, now) }),
    growth,
    isBetter,
    figures: [
      ...figure(m.summary_figure_orders(), live.metrics.main_orders?.value),
      ...figure(m.summary_viewers_at_peak(), live.metrics.peak_viewers?.value),
      ...(topProduct === null
        ? []
        : [{ name: m.summary_best_seller(), value: cleanText(topProduct, 30) }]),
    ],
  }
}

function growthOf(sold: Sold, previous: Sold | null, convention: Convention) {
  const nothing = { growth: '', isBetter: false }
  // The same part of both, or nothing; and while it is on, a whole LIVE is no measure for it.
  if (!previous || sold.live.status !== 'ended') return nothing
  if ((sold.afterEnd === null) !== (previous.afterEnd === null)) return nothing
  const comparison = compare('gmv', soldDuring(sold), soldDuring(previous))
  if (comparison.direction === 'same' || comparison.reference === 0) return nothing
  const change = changeOf('gmv', comparison, convention)
  return {
    growth: m.summary_arrows_change_vs_last_live({ arrows: arrows[comparison.direction], change }),
    isBetter: comparison.direction === 'up',
  }
}
