import type { TenantRead, TenantReads } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { getImportRules, type ImportRules } from '@creatorflow/shared/features/import'
import { AppError } from '../../core/errors.ts'
import type { Feature } from '../../http/feature.ts'
import { broughtBy, isShop, nameOfKind, type SourceKinds } from '../../sources/runtime/registry.ts'

/** What importing programs ask before they send anything. */
export function createImportFeature({
  database,
  sourceKinds,
}: {
  readonly database: TenantReads
  readonly sourceKinds: SourceKinds
}): Feature {
  return {
    name: 'import',
    mount({ router, answer }) {
      answer(router, getImportRules, ({ tenant }) =>
        database.readAs(tenant, (read) => readRules(read, tenant, sourceKinds)),
      )
    },
  }
}

async function readRules(
  read: TenantRead,
  { creatorId }: Tenant,
  sourceKinds: SourceKinds,
): Promise<ImportRules> {
  const [row] = await read.query<{
    currency: string
    time_zone: string
    now: Date
    accepts_since: Date
  }>(sql`
    select c.currency, c.time_zone, clock_timestamp() as now,
      (select accepts_since from retention) as accepts_since
    from creators c where c.id = ${creatorId}`)
  if (!row) throw new AppError('not_found', `Creator "${creatorId}" not found.`)
  const shopKinds = [...sourceKinds.values()].filter(isShop).map(({ kind }) => kind)
  const shops = await read.query<{ kind: string; account: string; name: string }>(sql`
    select kind, account, name from sources
    where creator_id = ${creatorId} and kind = any(${shopKinds}::text[]) order by kind, name, id`)
  const { now, accepts_since, ...rest } = row
  return {
    creator_id: creatorId,
    ...rest,
    now: now.toISOString(),
    accepts_since: accepts_since.toISOString(),
    shops: shops.map((shop) => ({
      ...shop,
      kind_name: nameOfKind(sourceKinds, shop.kind),
      brings: [...broughtBy(sourceKinds, shop.kind)],
    })),
  }
}
