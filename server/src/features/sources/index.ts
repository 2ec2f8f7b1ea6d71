import type { Database } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import * as wire from '@creatorflow/shared/features/sources'
import type { Bus } from '../../bus/bus.ts'
import type { Config } from '../../core/config/config.ts'
import { type ConfigOf, variable, whole } from '../../core/config/variable.ts'
import type { Log } from '../../core/log.ts'
import { createSealer } from '../../core/seal.ts'
import type { Feature } from '../../http/feature.ts'
import { type ForgetDeliveriesDeps, forgetDeliveriesJob } from '../../sources/forget-deliveries.ts'
import { checksOf } from '../../sources/runtime/checks.ts'
import { type SourceKinds, toWire, webhookPath } from '../../sources/runtime/registry.ts'
import { readSources, type SourceHealthRow, sourcesChannel } from '../../sources/runtime/store.ts'
import { mountAuthorization } from './authorization.ts'
import { createChanges } from './changes.ts'
import { createCheck } from './check.ts'

export const sourcesFeatureVariables = {
  MAX_SOURCES_PER_CREATOR: variable(whole(1), '50', 'sources', 'Maximum sources per creator.'),
}

export interface SourcesFeatureDeps {
  readonly database: Database
  readonly bus: Bus
  readonly log: Log
  readonly sourceKinds: SourceKinds
  readonly config: Pick<Config, 'secretKey' | 'secretKeyPrevious' | 'dataDir' | 'publicUrl'> &
    ConfigOf<typeof sourcesFeatureVariables> &
    ForgetDeliveriesDeps['config']
}

/** The connections of a creator: how they do, and what a person changes about them. */
export function createSourcesFeature(deps: SourcesFeatureDeps): Feature {
  const { database, bus, config, log, sourceKinds } = deps
  const sealer = createSealer(config)
  const changes = createChanges({ database, sealer, sourceKinds, config })
  const check = createCheck({ database, sealer, sourceKinds, config })
  const toSource = (row: SourceHealthRow) => sourceOf(row, sourceKinds)

  /** Not waited for: whoever holds sources also looks by itself. */
  function announce({ creatorId }: Tenant): void {
    void bus.publish(sourcesChannel, creatorId)
  }

  return {
    name: 'sources',
    jobs: [forgetDeliveriesJob({ database, sourceKinds, config })],
    mount(routes) {
      const { router, answer } = routes
      mountAuthorization(routes, {
        database,
        config,
        log,
        sealer,
        sourceKinds,
        announce,
        toSource,
      })

      answer(router, wire.listSourceKinds, () => ({
        kinds: [...sourceKinds.values()].map((one) => toWire(one, config)),
      }))

      answer(router, wire.listSources, async ({ tenant }) => {
        const rows = await database.readAs(tenant, (read) => readSources(read, tenant))
        return {
          at: new Date().toISOString(),
          public_url: config.publicUrl ?? null,
          sources: rows.map(toSource),
        }
      })

      answer(router, wire.addSource, async ({ tenant, actor, body }) => {
        const row = await changes.add(tenant, actor, body)
        announce(tenant)
        return toSource(row)
      })

      answer(router, wire.changeSource, async ({ tenant, actor, params, body }) => {
        const row = await changes.change(tenant, actor, params.source_id, body)
        announce(tenant)
        return toSource(row)
      })

      answer(router, wire.removeSource, async ({ tenant, actor, params }) => {
        await changes.remove(tenant, actor, params.source_id)
        announce(tenant)
        return undefined
      })

      answer(router, wire.retrySource, async ({ tenant, params }) => {
        const row = await changes.retry(tenant, params.source_id)
        announce(tenant)
        return toSource(row)
      })

      answer(router, wire.checkSource, async ({ tenant, params }) =>
        toSource(await check(tenant, params.source_id)),
      )
    },
  }
}

function sourceOf(row: SourceHealthRow, sourceKinds: SourceKinds): wire.Source {
  const { version, state_since, checked, ...rest } = row
  const iso = (at: Date | null) => at?.toISOString() ?? null
  return {
    ...rest,
    created_at: row.created_at.toISOString(),
    webhook_path: webhookPath(sourceKinds, row.kind, row.id),
    since: state_since.toISOString(),
    problem_at: iso(row.problem_at),
    retry_at: iso(row.retry_at),
    last_message_at: iso(row.last_message_at),
    last_event_at: iso(row.last_event_at),
    checks: checksOf(checked, row),
  }
}
