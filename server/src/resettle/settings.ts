import type { Queryable, Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Creator } from '@creatorflow/shared/creator'
import type { CreatorChange } from '@creatorflow/shared/features/creators'
import type { CountedChange } from '../pipeline/recount-notes.ts'

type Settings = Omit<Creator, 'kind'>

/** A creator as it will be from now on, and the effect on what was counted. */
export interface ChangedSettings extends Settings {
  /** The part that waits for a recount. */
  readonly noted: CountedChange | null
  readonly isCountedAnew: boolean
}

/** With noted changes and `change`; undefined for an unknown creator. */
export async function readSettings(
  database: Queryable,
  { creatorId }: Tenant,
  change: CreatorChange,
): Promise<ChangedSettings | undefined> {
  const [found] = await database.query<Settings & { noted: CountedChange | null }>(sql`
    select id, name, time_zone, currency, locale, w.change as noted
    from creators c left join resettle w on w.creator_id = c.id where id = ${creatorId}`)
  if (!found) return undefined
  const { noted, ...row } = found
  const after = {
    id: row.id,
    name: change.name ?? row.name,
    time_zone: change.time_zone ?? noted?.time_zone ?? row.time_zone,
    currency: change.currency ?? noted?.currency ?? row.currency,
    locale: change.locale ?? row.locale,
  }
  const isCountedAnew = after.time_zone !== row.time_zone || after.currency !== row.currency
  return { ...after, noted, isCountedAnew }
}

/** Stores what numbers are made with, in the transaction that holds the counter. */
export async function storeCounted(
  tx: Transaction,
  { creatorId }: Tenant,
  { time_zone, currency }: Pick<Settings, 'time_zone' | 'currency'>,
): Promise<void> {
  await tx.query(sql`
    update creators set time_zone = ${time_zone}, currency = ${currency} where id = ${creatorId}`)
}

/** Stores what only screens show, in the transaction that holds the counter. */
export async function storeShown(
  tx: Transaction,
  { creatorId }: Tenant,
  { name, locale }: Pick<Settings, 'name' | 'locale'>,
): Promise<void> {
  await tx.query(sql`
    update creators set name = ${name}, locale = ${locale} where id = ${creatorId}`)
}
