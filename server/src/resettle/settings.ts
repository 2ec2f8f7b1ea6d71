import type { Queryable, Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Creator } from '@creatorflow/shared/creator'
import type { CreatorChange } from '@creatorflow/shared/features/creators'

type Settings = Omit<Creator, 'kind'>

/** A creator as it shall be from now on, and what that is for what was counted. */
export interface ChangedSettings extends Settings {
  readonly isChanged: boolean
  readonly isCountedAnew: boolean
}

/** Undefined when there is no such creator. */
export async function readSettings(
  database: Queryable,
  { creatorId }: Tenant,
  change: CreatorChange,
): Promise<ChangedSettings | undefined> {
  const [row] = await database.query<Settings>(sql`
    select id, name, time_zone, currency, locale from creators where id = ${creatorId}`)
  if (!row) return undefined
  const after = {
    id: row.id,
    name: change.name ?? row.name,
    time_zone: change.time_zone ?? row.time_zone,
    currency: change.currency ?? row.currency,
    locale: change.locale ?? row.locale,
  }
  const isChanged = (Object.keys(after) as (keyof Settings)[]).some(
    (key) => after[key] !== row[key],
  )
  const isCountedAnew = after.time_zone !== row.time_zone || after.currency !== row.currency
  return { ...after, isChanged, isCountedAnew }
}

/** Stores what was changed, in the transaction that holds the counter. */
export async function storeSettings(
  tx: Transaction,
  { creatorId }: Tenant,
  settings: ChangedSettings,
): Promise<void> {
  if (!settings.isChanged) return
  await tx.query(sql`
    update creators set name = ${settings.name}, time_zone = ${settings.time_zone},
      currency = ${settings.currency}, locale = ${settings.locale}
    where id = ${creatorId}`)
}
