import type { askQuestion } from '@creatorflow/shared/features/query'
import { MINUTE_MS, SERIES_GRACE_MS, type Totals } from '@creatorflow/shared/live-state'
import type { MetricId } from '@creatorflow/shared/metrics'
import { funnelSteps } from '@creatorflow/shared/present'
import type { Recounting } from '@creatorflow/shared/recounting'
import { ask } from '#lib/ask.ts'

interface Span {
  readonly started_at: number
  readonly ended_at: number | null
}

/** Which of them there are is asked with these two: a source without either has no funnel. */
const probes = ['views', 'product_clicks'] as const satisfies readonly MetricId[]
const steps: readonly MetricId[] = [...funnelSteps, 'sku_orders']

/** The funnel by traffic source over the time of a LIVE: it is not in the live state, so it is asked for. */
export class TrafficSources {
  /** Totals by source; empty until they are known, or where nothing names one. */
  totals = $state.raw<Readonly<Record<string, Totals>>>({})
  /** Said by any of the answers that the totals are of. */
  recounting = $state.raw<Recounting | null>(null)

  /** Which sources there are. */
  probe(creatorId: string, span: Span): Promise<void> {
    return this.#load(creatorId, span, probes)
  }

  /** Every step of every source. */
  load(creatorId: string, span: Span): Promise<void> {
    return this.#load(creatorId, span, steps)
  }

  async #load(creatorId: string, span: Span, metrics: readonly MetricId[]): Promise<void> {
    const until = span.ended_at === null ? Date.now() + MINUTE_MS : span.ended_at + SERIES_GRACE_MS
    const range = {
      from: new Date(span.started_at).toISOString(),
      to: new Date(until).toISOString(),
    }
    const answer = await ask<typeof askQuestion>('POST /api/v1/creators/:creator_id/query', {
      params: { creator_id: creatorId },
      body: {
        metrics: [...metrics],
        by: ['traffic_source'],
        where: [{ dimension: 'traffic_source', op: 'set' }],
        range,
      },
    })
    // What was known stays.
    if (!answer.ok) return
    const totals: Record<string, Totals> = {}
    for (const { keys, values } of answer.value.rows) {
      totals[String(keys[0])] = Object.fromEntries(metrics.map((id) => [id, values[id]?.[0] ?? 0]))
    }
    this.totals = totals
    this.recounting = answer.value.recounting
  }
}
