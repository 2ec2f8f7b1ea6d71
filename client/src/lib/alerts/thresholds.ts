import type { listAlertRules, ShownRule } from '@creatorflow/shared/features/alerts'
import type { ThresholdLine } from '#lib/charts/thresholds.ts'
import { shownName } from '#lib/features/alerts/default-names.ts'
import { request } from '#lib/request.ts'
import { session } from '#lib/session.svelte.ts'

/** The rules of a creator; none where they cannot be read, since a chart does without them. */
export async function readRules(creator_id: string): Promise<readonly ShownRule[]> {
  const answer = await session.ask(
    request<typeof listAlertRules>('GET /api/v1/creators/:creator_id/alerts/rules', {
      params: { creator_id },
    }),
  )
  return answer.ok ? answer.value.rules : []
}

/** What rules about a LIVE draw on the chart of GMV and viewers, by minute or as a running sum. */
export function gmvThresholds(
  rules: readonly ShownRule[],
  measure: 'minute' | 'sum',
): ThresholdLine[] {
  return rules.flatMap(({ enabled, muted, name, condition }) => {
    const { kind } = condition
    if (!enabled || muted || (kind !== 'above' && kind !== 'below' && kind !== 'outside')) return []
    const { metric, subject, over_minutes: over } = condition
    if (subject.of !== 'live') return []
    const values = kind === 'outside' ? [condition.low, condition.high] : [condition.fires_at]
    const line = (axis: string, per = 1) =>
      values.map((value) => ({ axis, value: value / per, words: shownName(name) }))
    if (measure === 'sum') return metric === 'gmv' && over === null ? line('gmv') : []
    // The mean of the minutes that it looks at is what one of them may be.
    if (metric === 'gmv' && over !== null) return line('gmv', over)
    const isViewers = metric === 'viewers_now' || (metric === 'average_viewers' && over !== null)
    return isViewers ? line('viewers') : []
  })
}
