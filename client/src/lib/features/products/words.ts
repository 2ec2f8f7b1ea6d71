import type { Burn } from '@creatorflow/shared/insights/burn-rate'
import type { Reason } from '@creatorflow/shared/insights/pin-next'
import { type Convention, formatCount, formatRatio } from '#lib/format.ts'

/** Beyond an hour a rate of some minutes says nothing. */
const FAR_MINUTES = 60

/** When a product is gone at the rate of late: `~6 min`; empty when that is far or not known. */
export function goneWords(burn: Burn | null): string {
  const minutes = burn?.goneInMinutes ?? null
  if (minutes === null || minutes > FAR_MINUTES || minutes === 0) return ''
  return `~${Math.max(1, Math.round(minutes))} min`
}

/** What the rate is of. */
export function burnWords({ units, minutes }: Burn): string {
  return `${units} sold in ${Math.round(minutes)} min while this page was open`
}

/** Why a product is a good next pin, in short. */
export function reasonWords(reasons: readonly Reason[], convention: Convention): string {
  return reasons.map((reason) => words(reason, convention)).join(', ')
}

function words(reason: Reason, convention: Convention): string {
  switch (reason.kind) {
    case 'rising':
      return 'clicks rising'
    case 'rate':
      return `C_O ${formatRatio(reason.rate, convention)} (all ${formatRatio(reason.all, convention)})`
    case 'unpinned':
      return reason.minutes === null ? 'not pinned yet' : `not pinned for ${reason.minutes} min`
    case 'stock':
      return `${formatCount(reason.left, convention)} left`
  }
}
