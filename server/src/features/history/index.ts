import type { TenantReads } from '@creatorflow/db/database'
import type { Feature } from '../../http/feature.ts'
import { mountHistory } from './route.ts'

/** Every metric of the catalogue over time, by REST. */
export function createHistoryFeature({ database }: { readonly database: TenantReads }): Feature {
  return { name: 'history', mount: (routes) => mountHistory(routes, database) }
}
