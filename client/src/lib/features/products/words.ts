import type { Burn } from '@creatorflow/shared/insights/burn-rate'
import type { Reason } from '@creatorflow/shared/insights/pin-next'
import { type Convention, formatCount, formatRatio } from '#lib/format.ts'
import { m } from '#messages'

/** Beyond an hour a rate of some minutes says nothing. */
const FAR_MINUTES = 60

/** When a product is gone at the rate of late: `~6 min`; empty when that is far or not known. */
export function goneWords(burn: Burn | null): string {
  const minutes = burn?.goneInMinutes ?? null
  if (minutes === null || minutes > FAR_MINUTES || minutes === 0) return ''
  return m.products_value_min({ value: Math.max(1, Math.round(minutes)) })
}

/** What the rate is of. */
export function burnWords({ units, minutes }: Burn): string {
  return m.products_units_sold_in_minutes_min_while({ units, minutes: Math.round(minutes) })
}

/** Why a product is a good next pin, in short. */
export function reasonWords(reasons: readonly Reason[], convention: Convention): string {
  return reasons.map((reason) => words(reason, convention)).join(', ')
}

function words(reason: Reason, convention: Convention): string {
  switch (reason.kind) {
    case 'rising':
      return m.products_clicks_rising()
    case 'rate':
      return m.products_c_o_share_all_share2({
        share: formatRatio(reason.rate, convention),
        share2: formatRatio(reason.all, convention),
      })
    case 'unpinned':
      return reason.minutes === null
        ? m.products_not_pinned_yet()
        : m.products_not_pinned_for_minutes_min({ minutes: reason.minutes })
    case 'stock':
      return m.products_left_left({ left: formatCount(reason.left, convention) })
  }
}
