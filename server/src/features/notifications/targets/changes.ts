import { hash } from 'node:crypto'
import type { Database, Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Body } from '@creatorflow/shared/endpoint'
import {
  type changeTarget,
  type NewTarget,
  type notificationsAudit,
  targetKinds,
} from '@creatorflow/shared/features/notifications'
import { AppError } from '../../../core/errors.ts'
import type { Outgoing } from '../../../core/outgoing/outgoing.ts'
import type { Actor } from '../../../core/rights/actor.ts'
import type { Sealer } from '../../../core/seal.ts'
import { recordChange } from '../../../identity/audit/record.ts'
import { originOf, partsOf, type TargetParts } from './entered.ts'
import {
  newWebhookSecret,
  readTargetSecrets,
  type TargetSecrets,
  writeTargetSecrets,
} from './secrets.ts'
import { deleteTarget, insertTarget, selectTarget, type TargetRow, updateTarget } from './store.ts'

export interface TargetChangesDeps {
  readonly database: Database
  readonly sealer: Sealer
  readonly outgoing: Pick<Outgoing, 'refusal'>
  readonly config: { readonly maxAlertTargets: number }
  /** Whether e-mail can be sent. */
  readonly emailReady: boolean
}

/** A browser as the push service knows it, and the person it belongs to; null is the local owner. */
export interface Subscription extends Readonly<TargetSecrets['push']> {
  readonly userId: string | null
  /** Such as "Chrome on Android". */
  readonly browser: string
  readonly person: string
}

/** A rolled secret signs for so long besides the new one. */
const BOTH_SIGN_MS = 86_400_000

/** Changes by people to a creator's targets; the audit log records them in the same transaction. */
export function createTargetChanges(deps: TargetChangesDeps) {
  const { database, sealer, emailReady } = deps

  return {
    /** The secret is shown this once; null for kinds that have none. */
    add(
      tenant: Tenant,
      actor: Actor,
      entered: NewTarget,
    ): Promise<{ row: TargetRow; secret: string | null }> {
      if ('url' in entered) requireUrl(deps, entered.url)
      if (entered.kind === 'email' && !emailReady) {
        throw new AppError('conflict', 'This server can’t send e-mail. Set SMTP_URL first.')
      }
      return database.transaction(async (tx) => {
        const parts = await partsOf(tx, tenant, entered)
        const row = await insert(deps, tx, tenant, actor, parts)
        return { row, secret: 'secret' in parts.secrets ? (parts.secrets.secret ?? null) : null }
      })
    },

    /** The same browser again is the same target, with its new keys. */
    subscribe(tenant: Tenant, actor: Actor, given: Subscription): Promise<TargetRow> {
      const { userId, browser, person, ...secrets } = given
      requireUrl(deps, secrets.endpoint)
      const fingerprint = hash('sha256', secrets.endpoint)
      return database.transaction(async (tx) => {
        // Whoever uses the browser now is who gets its notifications.
        await tx.query(sql`
          delete from alert_targets
          where creator_id = ${tenant.creatorId} and kind = 'push' and fingerprint = ${fingerprint}`)
        const row = { kind: 'push', name: browser, address: person, fingerprint, userId } as const
        return insert(deps, tx, tenant, actor, { row, secrets })
      })
    },

    change(
      tenant: Tenant,
      actor: Actor,
      id: string,
      { name, enabled, url }: Body<typeof changeTarget>,
    ): Promise<TargetRow> {
      if (url !== undefined) requireUrl(deps, url)
      return database.transaction(async (tx) => {
        const before = found(await selectTarget(tx, tenant, id))
        if (url !== undefined) await replaceUrl(deps, tx, before, url)
        const address = url === undefined ? undefined : originOf(url)
        await updateTarget(tx, id, { name, enabled, address })
        await record(tx, actor, 'alert_target.changed', before, {
          ...(name !== undefined && name !== before.name && { renamed_to: name }),
          ...(enabled !== undefined && enabled !== before.enabled && { enabled }),
          ...(address !== undefined && { address }),
        })
        return found(await selectTarget(tx, tenant, id))
      })
    },

    remove(tenant: Tenant, actor: Actor, id: string, ofUser?: string | null): Promise<void> {
      return database.transaction(async (tx) => {
        const row = found(await selectTarget(tx, tenant, id))
        // Of others it is not even said that they are there.
        if (ofUser !== undefined && (row.kind !== 'push' || row.user_id !== ofUser))
          found(undefined)
        await deleteTarget(tx, id)
        await record(tx, actor, 'alert_target.removed', row)
      })
    },

    roll(tenant: Tenant, actor: Actor, id: string, nowMs: number): Promise<string> {
      return database.transaction(async (tx) => {
        const row = found(await selectTarget(tx, tenant, id))
        const old = row.kind === 'webhook' && (await readTargetSecrets<'webhook'>(tx, sealer, id))
        if (!old) throw new AppError('conflict', 'Only webhooks have a signing secret.')
        const secret = newWebhookSecret()
        const previous = { secret: old.secret, until: nowMs + BOTH_SIGN_MS }
        await writeTargetSecrets(tx, sealer, id, { url: old.url, secret, previous })
        await record(tx, actor, 'alert_target.secret_rolled', row)
        return secret
      })
    },
  }
}

function requireUrl({ outgoing }: TargetChangesDeps, url: string): void {
  const message = outgoing.refusal(url)
  if (message !== undefined) throw new AppError('invalid_input', message)
}

async function insert(
  { sealer, config }: TargetChangesDeps,
  tx: Transaction,
  tenant: Tenant,
  actor: Actor,
  { row, secrets }: TargetParts,
): Promise<TargetRow> {
  await requireRoom(tx, tenant, config.maxAlertTargets)
  const id = await insertTarget(tx, tenant, row)
  if (id === undefined) throw new AppError('conflict', `Alerts are already sent to ${row.address}.`)
  await writeTargetSecrets(tx, sealer, id, secrets)
  const made = found(await selectTarget(tx, tenant, id))
  await record(tx, actor, 'alert_target.added', made)
  return made
}

async function replaceUrl(
  { sealer }: TargetChangesDeps,
  tx: Transaction,
  { id, kind }: TargetRow,
  url: string,
): Promise<void> {
  if (kind === 'webhook') {
    const old = await readTargetSecrets<'webhook'>(tx, sealer, id)
    await writeTargetSecrets(tx, sealer, id, { secret: newWebhookSecret(), ...old, url })
  } else if (kind === 'slack' || kind === 'discord') {
    await writeTargetSecrets(tx, sealer, id, { url })
  } else throw new AppError('conflict', `${targetKinds[kind]} targets have no URL.`)
}

async function requireRoom(tx: Transaction, { creatorId }: Tenant, most: number): Promise<void> {
  // Locked, so simultaneous additions are counted one after the other.
  const creators = await tx.query(sql`select 1 from creators where id = ${creatorId} for update`)
  if (creators.length === 0) throw new AppError('not_found', `Creator "${creatorId}" not found.`)
  const [row] = await tx.query<{ n: number }>(
    sql`select count(*)::int as n from alert_targets where creator_id = ${creatorId}`,
  )
  if ((row?.n ?? 0) < most) return
  throw new AppError('too_many', `A creator can have at most ${most} targets. Remove one first.`)
}

async function record(
  tx: Transaction,
  actor: Actor,
  action: (typeof notificationsAudit)[number],
  { id, creator_id, kind, name }: TargetRow,
  details: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await recordChange(tx, actor, {
    action,
    creatorId: creator_id,
    target: id,
    details: { name, kind, ...details },
  })
}

function found(row: TargetRow | undefined): TargetRow {
  if (!row) throw new AppError('not_found', 'Target not found.')
  return row
}
