import type { ConfigOf } from '../../core/config/variable.ts'
import type { Feature } from '../../http/feature.ts'
import { type logoVariables, mountLogo } from './logo.ts'
import { type CreatorDeps, mountCreators } from './route.ts'

/** The people whose LIVEs are shown, with their time zone and currency. */
export function createCreatorsFeature(
  deps: CreatorDeps & { readonly config: ConfigOf<typeof logoVariables> },
): Feature {
  return {
    name: 'creators',
    mount(routes) {
      mountCreators(routes, deps)
      mountLogo(routes, deps)
    },
  }
}
