import type { Episode } from '@creatorflow/shared/features/alerts'
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
