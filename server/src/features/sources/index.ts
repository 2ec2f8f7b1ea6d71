import type { Database, Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import * as wire from '@creatorflow/shared/features/sources'
import type { Bus } from '../../bus/bus.ts'
import type { Config } from '../../core/config/config.ts'
import { type ConfigOf, variable, whole } from '../../core/config/variable.ts'
import { AppError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { createSealer } from '../../core/seal.ts'
import type { Feature } from '../../http/feature.ts'
import { recordChange } from '../../identity/audit/record.ts'
import { type ForgetDeliveriesDeps, forgetDeliveriesJob } from '../../sources/forget-deliveries.ts'
import { accountOf, type SourceDefinition } from '../../sources/runtime/definition.ts'
import { hurryDeliveries } from '../../sources/runtime/inbox.ts'
import { type SourceKinds, toWire, webhookPath } from '../../sources/runtime/registry.ts'
import {
  deleteSource,
  insertSource,
  readSource,
  readSources,
  type SourceHealthRow,
  sourcesChannel,
  touchSource,
  writeSecrets,
} from '../../sources/runtime/store.ts'
import { mountAuthorization } from './authorization.ts'
import { enteredSecrets, partsOf } from './entered.ts'

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

  /** Not waited for: whoever holds sources also looks by itself. */
  function announce({ creatorId }: Tenant): void {
    void bus.publish(sourcesChannel, creatorId)
  }

  function toSource(row: SourceHealthRow): wire.Source {
    const { version, state_since, ...rest } = row
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
    }
  }

  return {
    name: 'sources',
    jobs: [forgetDeliveriesJob({ database, sourceKinds, config })],
    mount(routes) {
      const { router, answer } = routes
      mountAuthorization(routes, { database, config, log, sealer, sourceKinds, announce })

      answer(router, wire.listSourceKinds, () => ({
        kinds: [...sourceKinds.values()].map(toWire),
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
        const definition = knownKind(sourceKinds, body.kind)
        const { account, name, settings, secrets } = partsOf(definition, body)
        const { kind } = definition
        const isExclusive = !definition.account.isShared
        const row = await database.transaction(async (tx) => {
          await requireRoom(tx, tenant, config.maxSourcesPerCreator)
          const source = { kind, account, name, settings, isExclusive }
          const id = await insertSource(tx, tenant, source)
          if (id === undefined) throw taken(definition, account)
          if (Object.keys(secrets).length > 0) await writeSecrets(tx, sealer, id, secrets)
          await recordChange(tx, actor, {
            action: 'source.added',
            creatorId: tenant.creatorId,
            target: id,
            details: { name, kind, account },
          })
          return found(await readSource(tx, tenant, id))
        })
        announce(tenant)
        return toSource(row)
      })

      answer(router, wire.changeSource, async ({ tenant, actor, params, body }) => {
        const { name, enabled } = body
        const row = await database.transaction(async (tx) => {
          const before = found(await readSource(tx, tenant, params.source_id))
          const secrets =
            body.secrets && enteredSecrets(knownKind(sourceKinds, before.kind), body.secrets)
          await touchSource(tx, tenant, before.id, { name, enabled })
          if (secrets && Object.keys(secrets).length > 0) {
            await writeSecrets(tx, sealer, before.id, secrets)
          }
          await recordChange(tx, actor, {
            action: 'source.changed',
            creatorId: tenant.creatorId,
            target: before.id,
            details: {
              name: before.name,
              kind: before.kind,
              ...(name !== undefined && name !== before.name && { renamed_to: name }),
              ...(enabled !== undefined && enabled !== before.enabled && { enabled }),
              ...(secrets && { secrets: Object.keys(secrets) }),
            },
          })
          return found(await readSource(tx, tenant, before.id))
        })
        announce(tenant)
        return toSource(row)
      })

      answer(router, wire.removeSource, async ({ tenant, actor, params }) => {
        await database.transaction(async (tx) => {
          const { id, name, kind, account } = found(await readSource(tx, tenant, params.source_id))
          await deleteSource(tx, tenant, id)
          await recordChange(tx, actor, {
            action: 'source.removed',
            creatorId: tenant.creatorId,
            target: id,
            details: { name, kind, account },
          })
        })
        announce(tenant)
        return undefined
      })

      answer(router, wire.retrySource, async ({ tenant, params }) => {
        const row = await database.transaction(async (tx) => {
          const { id } = found(await readSource(tx, tenant, params.source_id))
          await touchSource(tx, tenant, id)
          await hurryDeliveries(tx, id)
          return found(await readSource(tx, tenant, id))
        })
        announce(tenant)
        return toSource(row)
      })
    },
  }
}

/** The definition of a kind that somebody names; throws `invalid_input` for one that this server doesn't know. */
function knownKind(sourceKinds: SourceKinds, kind: string): SourceDefinition {
  const definition = sourceKinds.get(kind)
  if (definition) return definition
  const message = `must be one of ${[...sourceKinds.keys()].join(', ')}`
  throw new AppError('invalid_input', `This server doesn’t support the source type “${kind}”.`, {
    details: { fields: [{ path: 'kind', message }] },
  })
}

/** Locks the creator, so that two who add at once are counted one after the other. */
async function requireRoom(tx: Transaction, { creatorId }: Tenant, most: number): Promise<void> {
  const creators = await tx.query(sql`select 1 from creators where id = ${creatorId} for update`)
  if (creators.length === 0) {
    throw new AppError('not_found', `Creator "${creatorId}" not found.`)
  }
  const [row] = await tx.query<{ n: number }>(
    sql`select count(*)::int as n from sources where creator_id = ${creatorId}`,
  )
  if ((row?.n ?? 0) >= most) {
    throw new AppError('too_many', `A creator can have at most ${most} sources. Remove one first.`)
  }
}

function taken(definition: SourceDefinition, account: string): AppError {
  const { noun, isShared } = definition.account
  const called = accountOf(definition, account)
  return new AppError(
    'conflict',
    isShared
      ? `${called} is connected already.`
      : `The ${noun} ${called} is already connected. Each ${noun} can be connected once.`,
  )
}

function found(row: SourceHealthRow | undefined): SourceHealthRow {
  if (!row) throw new AppError('not_found', 'Source not found.')
  return row
}
