import type { MetricId } from '@creatorflow/shared/metrics'
import type { SourceHeard, SourcesHeard } from '@creatorflow/shared/socket'
import { sourceStates, typesOfMetric } from '@creatorflow/shared/sources'
import { localText } from '#lib/catalogue.ts'
import { m } from '#messages'

/** Whether a number is what its sources say now; unknown without a source that feeds it. */
export type Freshness =
  | { readonly state: 'unknown' }
  | { readonly state: 'fresh' }
  | {
      readonly state: 'stale'
      /** Epoch ms; the longest one. */
      readonly since: number
      readonly sources: readonly SourceHeard[]
    }

/** How long a source may wait for a process to run it. */
const START_MS = 30_000

/** The sources behind a metric of this creator. */
export function freshnessOf(
  metric: MetricId,
  heard: Pick<SourcesHeard, 'sources'> | null,
  now: number,
): Freshness {
  const types = typesOfMetric(metric)
  const isBehind = ({ state, brings }: SourceHeard) =>
    state !== 'off' && brings.some((type) => types.has(type))
  const behind = heard?.sources.filter(isBehind) ?? []
  if (behind.length === 0) return { state: 'unknown' }
  const troubled = behind.filter((source) => !isWell(source, now))
  if (troubled.length === 0) return { state: 'fresh' }
  return {
    state: 'stale',
    since: troubled.reduce((least, { since }) => Math.min(least, since), now),
    sources: troubled,
  }
}

/** Whether a source works; one that no process reports on does not. */
export function isWell(
  { state, held, since }: Pick<SourceHeard, 'state' | 'held' | 'since'>,
  now: number,
): boolean {
  if (state === 'off') return true
  if (!held && (state !== 'starting' || now - since > START_MS)) return false
  return sourceStates[state].good
}

/** "TikTok LIVE: retrying since 21:04", for each source with a problem. */
export function troubleWords(
  sources: readonly SourceHeard[],
  clock: (at: number) => string,
): readonly string[] {
  return sources.map((source) =>
    m.sources_kind_name_doing_since_time({
      kind_name: source.kind_name,
      doing: doing(source),
      time: clock(source.since),
    }),
  )
}

/** The header's summary of a creator's sources; null if there are none. */
export function summaryOf(
  sources: readonly SourceHeard[],
  now: number,
): { readonly tone: 'good' | 'off' | 'warn'; readonly words: string } | null {
  if (sources.length === 0) return null
  const on = sources.filter(({ state }) => state !== 'off')
  if (on.length === 0) return { tone: 'off', words: m.sources_n_off({ n: sources.length }) }
  const troubled = on.filter((source) => !isWell(source, now))
  if (troubled.length === 0) return { tone: 'good', words: m.sources_n_ok({ n: on.length }) }
  const needing = troubled.filter(({ state, held }) => held && state === 'needs_you')
  const [first, second] = needing.length > 0 ? needing : troubled
  if (first && !second) {
    const name = first.kind_name
    const words =
      needing.length > 0 ? m.sources_name_needs_attention({ name }) : `${name}: ${doing(first)}`
    return { tone: 'warn', words }
  }
  return {
    tone: 'warn',
    words:
      needing.length > 0
        ? m.sources_n_need_attention({ n: needing.length })
        : m.sources_n_not_ok({ n: troubled.length }),
  }
}

function doing({ held, state }: SourceHeard): string {
  return held ? localText(sourceStates[state].name.toLowerCase()) : m.sources_not_running_2()
}
