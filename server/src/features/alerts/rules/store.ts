import type { Queryable, TenantRead } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { defaultRules } from '@creatorflow/shared/alerts/defaults'
import { newRule, type Rule, type RuleBody } from '@creatorflow/shared/alerts/rule'

export interface RuleRow {
  readonly id: string
  readonly revision: number
  readonly body: RuleBody
  readonly origin: string | null
  readonly changed_at: Date
}

const columns = sql`id, revision, body, origin, changed_at`

/** The rules of a creator, the oldest first. */
export function selectRules(
  read: Pick<Queryable, 'query'> | TenantRead,
  { creatorId }: Tenant,
): Promise<RuleRow[]> {
  return read.query<RuleRow>(sql`
    select ${columns} from alert_rules
    where creator_id = ${creatorId} and deleted_at is null
    order by created_at, id`)
}

export async function selectRule(
  tx: Queryable,
  { creatorId }: Tenant,
  id: string,
): Promise<RuleRow | undefined> {
  const [row] = await tx.query<RuleRow>(sql`
    select ${columns} from alert_rules
    where creator_id = ${creatorId} and id = ${id}::uuid and deleted_at is null
    for update`)
  return row
}

export const ruleOf = ({ id, body }: RuleRow): Rule => ({ ...body, id })

/**
 * Locks what every change of a creator's rules locks first, so that revisions rise in the order of commits; the next
 * revision, and how many rules there are. Undefined if there is no such creator.
 */
export async function lockRules(
  tx: Queryable,
  { creatorId }: Tenant,
): Promise<{ readonly next: number; readonly count: number } | undefined> {
  const found = await tx.query(sql`
    select 1 from creators where id = ${creatorId} for no key update`)
  if (found.length === 0) return undefined
  const [row] = await tx.query<{ next: number; count: number }>(sql`
    select coalesce(max(revision), 0)::bigint + 1 as next,
      (count(*) filter (where deleted_at is null))::int as count
    from alert_rules where creator_id = ${creatorId}`)
  return row
}

/** Stores new rules; an origin that the creator has or had is left alone. */
export function insertRules(
  tx: Queryable,
  { creatorId }: Tenant,
  revision: number,
  rules: readonly { readonly body: RuleBody; readonly origin: string | null }[],
): Promise<RuleRow[]> {
  return tx.query<RuleRow>(sql`
    insert into alert_rules (creator_id, revision, body, enabled, always, origin, created_at)
    select ${creatorId}, ${revision}::bigint, body, (body ->> 'enabled')::boolean,
      not (body ->> 'only_live')::boolean, origin, clock_timestamp() + make_interval(secs => n / 1e6)
    from jsonb_to_recordset(${JSON.stringify(rules.map((rule, n) => ({ ...rule, n })))}::jsonb)
      as given (body jsonb, origin text, n integer)
    on conflict do nothing
    returning ${columns}`)
}

export async function updateRule(
  tx: Queryable,
  { creatorId }: Tenant,
  id: string,
  revision: number,
  body: RuleBody,
): Promise<RuleRow> {
  const [row] = await tx.query<RuleRow>(sql`
    update alert_rules set revision = ${revision}::bigint, body = ${JSON.stringify(body)}::jsonb,
      enabled = ${body.enabled}, always = ${!body.only_live}, changed_at = clock_timestamp()
    where creator_id = ${creatorId} and id = ${id}::uuid
    returning ${columns}`)
  if (!row) throw new Error('a locked rule is gone')
  return row
}

/** The row stays, since its episodes show its name. */
export async function markDeleted(
  tx: Queryable,
  { creatorId }: Tenant,
  id: string,
  revision: number,
): Promise<void> {
  await tx.query(sql`
    update alert_rules set deleted_at = clock_timestamp(), enabled = false, revision = ${revision}::bigint
    where creator_id = ${creatorId} and id = ${id}::uuid`)
}

/** Undefined if no rule of that ID was deleted. */
export async function markRestored(
  tx: Queryable,
  { creatorId }: Tenant,
  id: string,
  revision: number,
): Promise<RuleRow | undefined> {
  const [row] = await tx.query<RuleRow>(sql`
    update alert_rules set deleted_at = null, enabled = (body ->> 'enabled')::boolean,
      revision = ${revision}::bigint
    where creator_id = ${creatorId} and id = ${id}::uuid and deleted_at is not null
    returning ${columns}`)
  return row
}

const defaults = defaultRules.map(({ origin, rule }) => ({ origin, body: newRule.parse(rule) }))

/** Gives a creator the default rules, once; false if there is no such creator. */
export async function seedDefaults(tx: Queryable, tenant: Tenant): Promise<boolean> {
  const locked = await lockRules(tx, tenant)
  if (!locked) return false
  if (locked.next === 1) await insertRules(tx, tenant, 1, defaults)
  return true
}

/** Whether a creator was given its default rules. */
export async function isSeeded(
  read: Pick<Queryable, 'query'>,
  { creatorId }: Tenant,
): Promise<boolean> {
  const rows = await read.query(sql`
    select 1 from alert_rules where creator_id = ${creatorId} limit 1`)
  return rows.length > 0
}
