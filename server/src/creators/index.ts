import type { Database } from '@creatorflow/db/database'
import type { Feature } from '../http/feature.ts'
import { mountCreators } from './route.ts'

/** The people whose LIVEs are shown, with their time zone and currency. */
export function createCreatorsFeature(deps: { readonly database: Database }): Feature {
  return { name: 'creators', mount: (routes) => mountCreators(routes, deps.database) }
}
