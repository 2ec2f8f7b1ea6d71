import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { SourceState } from '@creatorflow/shared/sources'
import type { Telemetry } from '../../core/telemetry.ts'

interface OfState {
  readonly kind: string
  readonly state: SourceState
  readonly n: number
  readonly unheld: number
  /** Seconds. */
  readonly lag: number | null
  readonly silence: number | null
}

/**
 * Reports the status of the whole installation's connections in `/metrics`, whoever holds them; each kind has
 * a value.
 */
export async function measureSources(
  database: Queryable,
  telemetry: Telemetry,
  kinds: readonly string[],
): Promise<void> {
  const states = await database.query<OfState>(sql`
    select kind, state, count(*)::int as n,
      count(*) filter (where enabled
        and coalesce(seen_at, created_at) < clock_timestamp() - interval '30 seconds')::int as unheld,
      (max(lag_ms) filter (where enabled) / 1000.0)::float8 as lag,
      (extract(epoch from clock_timestamp() - min(last_event_at) filter (where state = 'receiving')))::float8 as silence
    from sources group by kind, state`)
  const waiting = await database.query<{ kind: string; n: number }>(sql`
    select kind, count(*)::int as n from deliveries d join sources s on s.id = d.source_id
    where d.done_at is null group by kind`)
  const letters = await database.query<{ source: string; n: number }>(sql`
    select source, count(*)::int as n from dead_letters where replayed_at is null group by source`)

  const ofKind = (of: (state: OfState) => number | null) =>
    kinds.map((kind) => ({
      labels: { kind },
      value: states.reduce((most, s) => (s.kind === kind ? Math.max(most, of(s) ?? 0) : most), 0),
    }))
  telemetry.setAll(
    'sources',
    states.map(({ kind, state, n }) => ({ labels: { kind, state }, value: n })),
  )
  telemetry.setAll(
    'source_lag_seconds',
    ofKind(({ lag }) => lag),
  )
  telemetry.setAll(
    'source_silence_seconds',
    ofKind(({ silence }) => silence),
  )
  telemetry.setAll(
    'sources_unheld',
    kinds.map((kind) => ({
      labels: { kind },
      value: states.reduce((sum, s) => (s.kind === kind ? sum + s.unheld : sum), 0),
    })),
  )
  telemetry.setAll(
    'deliveries_waiting',
    waiting.map(({ kind, n }) => ({ labels: { kind }, value: n })),
  )
  telemetry.setAll(
    'dead_letters',
    letters.map(({ source, n }) => ({ labels: { source }, value: n })),
  )
}
