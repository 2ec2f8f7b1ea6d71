import type { Feature } from '../../http/feature.ts'
import { mountApiKeys } from './api-key-routes.ts'
import type { SignInDeps } from './deps.ts'
import { mountMe } from './me-routes.ts'
import { mountOwnSignIns } from './own-sign-in-routes.ts'
import { mountReset } from './reset-routes.ts'
import { mountSecondFactor } from './second-factor-routes.ts'
import { mountSignIn } from './sign-in-routes.ts'
import { mountWelcome } from './welcome-route.ts'

/** Signing in and out, who am I, and the API keys. */
export function createAccessFeature(deps: SignInDeps): Feature {
  return {
    name: 'access',
    mount(routes) {
      mountSignIn(routes, deps)
      mountWelcome(routes, deps)
      mountReset(routes, deps)
      mountMe(routes, deps)
      mountOwnSignIns(routes, deps)
      mountSecondFactor(routes, deps)
      mountApiKeys(routes, deps)
    },
  }
}
