import type { Database, Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Body } from '@creatorflow/shared/endpoint'
import type { changeSource, NewSource } from '@creatorflow/shared/features/sources'
import { AppError } from '../../core/errors.ts'
import type { Actor } from '../../core/rights/actor.ts'
import type { Sealer } from '../../core/seal.ts'
import { recordChange } from '../../identity/audit/record.ts'
import { accountOf, type SourceDefinition } from '../../sources/runtime/definition.ts'
import { hurryDeliveries } from '../../sources/runtime/inbox.ts'
import type { SourceKinds } from '../../sources/runtime/registry.ts'
import {
  deleteSource,
  insertSource,
  readSource,
  type SourceHealthRow,
  touchSource,
  writeSecrets,
} from '../../sources/runtime/store.ts'
import { enteredSecrets, partsOf } from './entered.ts'

export interface ChangesDeps {
  readonly database: Database
  readonly sealer: Sealer
  readonly sourceKinds: SourceKinds
  readonly config: { readonly maxSourcesPerCreator: number }
}

/** Changes by a person to a creator's sources; the audit log records them in the same transaction. */
export function createChanges({ database, sealer, sourceKinds, config }: ChangesDeps) {
  return {
    add(tenant: Tenant, actor: Actor, entered: NewSource): Promise<SourceHealthRow> {
      const definition = knownKind(sourceKinds, entered.kind)
      const { account, name, settings, secrets } = partsOf(definition, entered)
      const { kind } = definition
      const isExclusive = !definition.account.isShared
      return database.transaction(async (tx) => {
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
    },

    change(
      tenant: Tenant,
      actor: Actor,
      sourceId: string,
      changes: Body<typeof changeSource>,
    ): Promise<SourceHealthRow> {
      const { name, enabled } = changes
      return database.transaction(async (tx) => {
        const before = found(await readSource(tx, tenant, sourceId))
        const secrets =
          changes.secrets && enteredSecrets(knownKind(sourceKinds, before.kind), changes.secrets)
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
    },

    remove(tenant: Tenant, actor: Actor, sourceId: string): Promise<void> {
      return database.transaction(async (tx) => {
        const { id, name, kind, account } = found(await readSource(tx, tenant, sourceId))
        await deleteSource(tx, tenant, id)
        await recordChange(tx, actor, {
          action: 'source.removed',
          creatorId: tenant.creatorId,
          target: id,
          details: { name, kind, account },
        })
      })
    },

    /** Restarts a source, and makes its failed deliveries due at once. */
    retry(tenant: Tenant, sourceId: string): Promise<SourceHealthRow> {
      return database.transaction(async (tx) => {
        const { id } = found(await readSource(tx, tenant, sourceId))
        await touchSource(tx, tenant, id)
        await hurryDeliveries(tx, id)
        return found(await readSource(tx, tenant, id))
      })
    },
  }
}

/** The definition of a named kind; throws `invalid_input` for an unknown one. */
export function knownKind(sourceKinds: SourceKinds, kind: string): SourceDefinition {
  const definition = sourceKinds.get(kind)
  if (definition) return definition
  const message = `must be one of ${[...sourceKinds.keys()].join(', ')}`
  throw new AppError('invalid_input', `This server doesn’t support the source type “${kind}”.`, {
    details: { fields: [{ path: 'kind', message }] },
  })
}

/** Locks the creator, so simultaneous additions are counted one after the other. */
export async function requireRoom(
  tx: Transaction,
  { creatorId }: Tenant,
  most: number,
): Promise<void> {
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

export function taken(definition: SourceDefinition, account: string): AppError {
  const { noun, isShared } = definition.account
  const called = accountOf(definition, account)
  return new AppError(
    'conflict',
    isShared
      ? `${called} is connected already.`
      : `The ${noun} ${called} is already connected. Each ${noun} can be connected once.`,
  )
}

export function found(row: SourceHealthRow | undefined): SourceHealthRow {
  if (!row) throw new AppError('not_found', 'Source not found.')
  return row
}
