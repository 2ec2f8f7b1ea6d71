import type { Feature } from '../../http/feature.ts'
import { mountApiKeys } from './api-key-routes.ts'
import { type MeDeps, mountMe } from './me-routes.ts'
import { mountSignIn, type SignInDeps } from './sign-in-routes.ts'

export type AccessFeatureDeps = SignInDeps & MeDeps

/** Signing in and out, who am I, and the API keys. */
export function createAccessFeature(deps: AccessFeatureDeps): Feature {
  return {
    name: 'access',
    mount(routes) {
      mountSignIn(routes, deps)
      mountMe(routes, deps)
      mountApiKeys(routes, deps)
    },
  }
}
