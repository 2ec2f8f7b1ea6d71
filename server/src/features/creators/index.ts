import type { Feature } from '../../http/feature.ts'
import { type CreatorDeps, mountCreators } from './route.ts'

/** The people whose LIVEs are shown, with their time zone and currency. */
export function createCreatorsFeature(deps: CreatorDeps): Feature {
  return { name: 'creators', mount: (routes) => mountCreators(routes, deps) }
}
