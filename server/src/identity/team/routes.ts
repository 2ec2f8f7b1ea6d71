import type { Feature } from '../../http/feature.ts'
import { mountAcceptance } from './acceptance-routes.ts'
import type { TeamDeps } from './deps.ts'
import { mountInvitations } from './invitation-routes.ts'
import { mountMembers } from './member-routes.ts'

/** Who else is here: members with their roles, and invited people. */
export function createTeamFeature(deps: TeamDeps): Feature {
  return {
    name: 'team',
    mount(routes) {
      mountMembers(routes, deps)
      mountInvitations(routes, deps)
      mountAcceptance(routes, deps)
    },
  }
}
