import type { Tenant } from '@creatorflow/db/tenant'
import type { Actor } from '../../core/rights/actor.ts'
import { recordChange } from '../../identity/audit/record.ts'
import type { Account } from '../../sources/runtime/oauth.ts'
import type { Secrets } from '../../sources/runtime/source.ts'
import {
  insertSource,
  readSource,
  readSources,
  type SourceHealthRow,
  touchSource,
  writeSecrets,
} from '../../sources/runtime/store.ts'
import { type ChangesDeps, found, knownKind, requireRoom, taken } from './changes.ts'

/** Connects an account that a person just authorized; one that is there already gets the new secrets. */
export function connectAccount(
  { database, sealer, sourceKinds, config }: ChangesDeps,
  tenant: Tenant,
  actor: Actor,
  kind: string,
  { account, name, region, secrets: own }: Account,
  common: Secrets,
): Promise<SourceHealthRow> {
  const definition = knownKind(sourceKinds, kind)
  const isExclusive = !definition.account.isShared
  const secrets = { ...common, ...own }
  return database.transaction(async (tx) => {
    const there = (await readSources(tx, tenant)).find(
      (one) => one.kind === kind && one.account === account,
    )
    if (there) await touchSource(tx, tenant, there.id, { enabled: true })
    else await requireRoom(tx, tenant, config.maxSourcesPerCreator)
    const settings = region === null ? {} : { region }
    const source = { kind, account, name, settings, isExclusive }
    const id = there?.id ?? (await insertSource(tx, tenant, source))
    if (id === undefined) throw taken(definition, account)
    await writeSecrets(tx, sealer, id, secrets)
    await recordChange(tx, actor, {
      action: there ? 'source.changed' : 'source.added',
      creatorId: tenant.creatorId,
      target: id,
      details: there
        ? { name: there.name, kind, secrets: Object.keys(secrets) }
        : { name, kind, account },
    })
    return found(await readSource(tx, tenant, id))
  })
}
