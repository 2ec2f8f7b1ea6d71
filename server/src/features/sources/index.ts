import type { Database, Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import * as wire from '@creatorflow/shared/features/sources'
import { type SourceKindId, sourceKinds, webhookPath } from '@creatorflow/shared/sources'
import type { Bus } from '../../bus/bus.ts'
import type { Config } from '../../core/config/config.ts'
import { type ConfigOf, variable, whole } from '../../core/config/variable.ts'
import { AppError } from '../../core/errors.ts'
import { createSealer } from '../../core/seal.ts'
import type { Feature } from '../../http/feature.ts'
import { recordChange } from '../../identity/audit/record.ts'
import { type ForgetDeliveriesDeps, forgetDeliveriesJob } from '../../sources/forget-deliveries.ts'
import { hurryDeliveries } from '../../sources/runtime/inbox.ts'
import type { Secrets } from '../../sources/runtime/source.ts'
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

export const sourcesFeatureVariables = {
  MAX_SOURCES_PER_CREATOR: variable(
    whole(1),
    '50',
    'sources',
    'Most connections to LIVEs and shops of one creator.',
  ),
}

export interface SourcesFeatureDeps {
  readonly database: Database
  readonly bus: Bus
  readonly config: Pick<Config, 'secretKey' | 'secretKeyPrevious' | 'dataDir' | 'publicUrl'> &
    ConfigOf<typeof sourcesFeatureVariables> &
    ForgetDeliveriesDeps['config']
}

/** The connections of a creator: how they do, and what a person changes about them. */
export function createSourcesFeature({ database, bus, config }: SourcesFeatureDeps): Feature {
  const sealer = createSealer(config)

  /** Not waited for: whoever holds sources also looks by itself. */
  function announce({ creatorId }: Tenant): void {
    void bus.publish(sourcesChannel, creatorId)
  }

  return {
    name: 'sources',
    jobs: [forgetDeliveriesJob({ database, config })],
    mount({ router, answer }) {
      answer(router, wire.listSources, async ({ tenant }) => {
        const rows = await database.readAs(tenant, (read) => readSources(read, tenant))
        return {
          at: new Date().toISOString(),
          public_url: config.publicUrl ?? null,
          sources: rows.map(toSource),
        }
      })

      answer(router, wire.addSource, async ({ tenant, actor, body }) => {
        const { kind, account, name, secrets } = partsOf(body)
        const row = await database.transaction(async (tx) => {
          await requireRoom(tx, tenant, config.maxSourcesPerCreator)
          const id = await insertSource(tx, tenant, { kind, account, name, settings: {} })
          if (id === undefined) throw taken(kind, account)
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
        const { name, enabled, secrets } = body
        const given = onlyGiven(secrets)
        const row = await database.transaction(async (tx) => {
          const before = found(await readSource(tx, tenant, params.source_id))
          checkSecrets(before.kind, given)
          await touchSource(tx, tenant, before.id, { name, enabled })
          if (Object.keys(given).length > 0) await writeSecrets(tx, sealer, before.id, given)
          await recordChange(tx, actor, {
            action: 'source.changed',
            creatorId: tenant.creatorId,
            target: before.id,
            details: {
              name: before.name,
              kind: before.kind,
              ...(name !== undefined && name !== before.name && { renamed_to: name }),
              ...(enabled !== undefined && enabled !== before.enabled && { enabled }),
              ...(secrets && { secrets: Object.keys(given) }),
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

/** What is stored of a new source, and apart from it what is sealed. */
function partsOf(body: wire.NewSource): {
  kind: SourceKindId
  account: string
  name: string
  secrets: Secrets
} {
  switch (body.kind) {
    case 'tiktok_live': {
      const account = body.handle.replace(/^@/, '').toLowerCase()
      return { kind: body.kind, account, name: body.name ?? `@${account}`, secrets: {} }
    }
    case 'tiktok_shop': {
      const { kind, shop_id, name, ...secrets } = body
      const called = name ?? `Shop ${shop_id}`
      return { kind, account: shop_id, name: called, secrets: onlyGiven(secrets) }
    }
    case 'shopify': {
      const { kind, shop_domain, name, ...secrets } = body
      return { kind, account: shop_domain, name: name ?? shop_domain, secrets }
    }
  }
}

function onlyGiven(secrets: Readonly<Record<string, string | undefined>> = {}): Secrets {
  // Safe: what is undefined is left out.
  return Object.fromEntries(
    Object.entries(secrets).filter(([, value]) => value !== undefined),
  ) as Secrets
}

function checkSecrets(kind: SourceKindId, secrets: Secrets): void {
  const known: readonly string[] = sourceKinds[kind].secrets
  const strange = Object.keys(secrets).filter((name) => !known.includes(name))
  if (strange.length === 0) return
  throw new AppError('invalid_input', `${sourceKinds[kind].name} has no such secret.`, {
    details: {
      fields: strange.map((name) => ({
        path: `secrets.${name}`,
        message: `is not of ${sourceKinds[kind].name}`,
      })),
    },
  })
}

/** Locks the creator, so that two who add at once are counted one after the other. */
async function requireRoom(tx: Transaction, { creatorId }: Tenant, most: number): Promise<void> {
  const creators = await tx.query(sql`select 1 from creators where id = ${creatorId} for update`)
  if (creators.length === 0) {
    throw new AppError('not_found', `There is no creator "${creatorId}".`)
  }
  const [row] = await tx.query<{ n: number }>(
    sql`select count(*)::int as n from sources where creator_id = ${creatorId}`,
  )
  if ((row?.n ?? 0) >= most) {
    throw new AppError('too_many', `A creator may have ${most} sources: remove one first.`)
  }
}

function taken(kind: SourceKindId, account: string): AppError {
  return new AppError(
    'conflict',
    kind === 'tiktok_live'
      ? `@${account} is connected already.`
      : `The shop ${account} is connected already; a shop can be connected once.`,
  )
}

function found(row: SourceHealthRow | undefined): SourceHealthRow {
  if (!row) throw new AppError('not_found', 'There is no such source.')
  return row
}

function toSource(row: SourceHealthRow): wire.Source {
  const { version, state_since, ...rest } = row
  const iso = (at: Date | null) => at?.toISOString() ?? null
  return {
    ...rest,
    created_at: row.created_at.toISOString(),
    webhook_path: webhookPath(row.kind, row.id),
    since: state_since.toISOString(),
    problem_at: iso(row.problem_at),
    retry_at: iso(row.retry_at),
    last_message_at: iso(row.last_message_at),
    last_event_at: iso(row.last_event_at),
  }
}
