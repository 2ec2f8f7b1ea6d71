import type { TenantReads } from '@creatorflow/db/database'
import { getBaseline, getPowerHours } from '@creatorflow/shared/features/baseline'
import type { Baselines } from '../../baseline/baselines.ts'
import type { Telemetry } from '../../core/telemetry.ts'
import type { Feature } from '../../http/feature.ts'
import { readPowerHours } from './read-power-hours.ts'

const numbers = {
  baseline_kept_minutes: {
    kind: 'gauge',
    help: 'Minutes of earlier LIVEs kept in memory for comparisons',
  },
} as const

/** What a LIVE is compared with: earlier LIVEs by elapsed minute, and the hours of the week. */
export function createBaselineFeature({
  database,
  baselines,
  telemetry,
}: {
  readonly database: TenantReads
  readonly baselines: Baselines
  readonly telemetry: Pick<Telemetry, 'with'>
}): Feature {
  telemetry.with(numbers).sample('baseline_kept_minutes', () => baselines.keptMinutes)
  return {
    name: 'baseline',
    mount({ router, answer }) {
      answer(router, getBaseline, ({ tenant, params }) => baselines.read(tenant, params.session_id))
      answer(router, getPowerHours, ({ tenant, query }) => readPowerHours(database, tenant, query))
    },
  }
}
