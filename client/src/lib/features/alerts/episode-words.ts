import type { Episode } from '@creatorflow/shared/features/alerts'
import { type LiveDetail, productName } from '@creatorflow/shared/live-state'
import type { MetricId } from '@creatorflow/shared/metrics'
import type { Convention } from '#lib/format.ts'
import { m } from '#messages'
import { valueWords } from './reason-words.ts'

/** How far it went, where that says more than the reason. */
export function peakWords(
  { why, peak }: Pick<Episode, 'why' | 'peak'>,
  convention: Convention,
): string | null {
  if (peak === null) return null
  switch (why.kind) {
    case 'value': {
      const said = valueWords(why.metric as MetricId, peak, convention)
      if (said === valueWords(why.metric, why.value, convention)) return null
      return why.relation === '<' || why.relation === '≤'
        ? m.alerts_lowest({ value: said })
        : m.alerts_highest({ value: said })
    }
    case 'change': {
      const percent = Math.round(peak)
      if (percent === Math.round((why.to / why.from - 1) * 100)) return null
      return percent < 0
        ? m.alerts_at_most_down({ percent: -percent })
        : m.alerts_at_most_up({ percent })
    }
    default:
      return null
  }
}

/** What of a LIVE says how its products are called. */
export type Named = Pick<LiveDetail, 'product_rows' | 'product_names' | 'pin_marks'>

/** What a product, or the one that a pin pinned, is called in a LIVE; its ID if nothing was told. */
export function subjectName(live: Named, subject: string): string {
  const pinned = live.pin_marks.find(({ id }) => id === subject)?.product_id
  return productName(live, pinned ?? subject) ?? pinned ?? subject
}
