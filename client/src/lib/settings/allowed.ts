import { type Action, type Role, roles } from '@creatorflow/shared/endpoint'
import type { Who } from '#lib/session.svelte.ts'

/** The pages of settings, in the order in which they are listed. */
export const sections = [
  'profile',
  'sign-ins',
  'sources',
  'dead-letters',
  'team',
  'keys',
  'audit',
  'usage',
  'data',
] as const
export type Section = (typeof sections)[number]

export const sectionNames: Readonly<Record<Section, string>> = {
  profile: 'Profile',
  'sign-ins': 'Sign-ins',
  sources: 'Sources',
  'dead-letters': 'Dead letters',
  team: 'Team',
  keys: 'API keys',
  audit: 'Audit log',
  usage: 'Usage',
  data: 'Data',
}

/** What the caller may see: who manages nothing has only what is their own. */
export function sectionsFor(who: Pick<Who, 'owner' | 'user' | 'creators'>): readonly Section[] {
  const manages = who.owner || managedCreators(who).length > 0
  return sections.filter((section) => {
    switch (section) {
      case 'profile':
        return true
      case 'sign-ins':
        return who.user !== null
      case 'sources':
        return who.owner || who.creators.length > 0
      case 'dead-letters':
        return who.owner || creatorsWith(who, 'operate').length > 0
      default:
        return manages
    }
  })
}

/** The creators whose keys, team, audit log and data are the caller's to decide on. */
export function managedCreators(who: Pick<Who, 'creators'>): readonly Who['creators'][number][] {
  return creatorsWith(who, 'manage')
}

/** The creators to which the caller may do something. */
export function creatorsWith(
  who: Pick<Who, 'creators'>,
  action: Action,
): readonly Who['creators'][number][] {
  return who.creators.filter(({ actions }) => actions.includes(action))
}

/** The roles, the smallest first, with what each may do. */
export const roleChoices: readonly {
  readonly role: Role
  readonly name: string
  readonly may: string
}[] = [
  { role: 'viewer', name: 'Viewer', may: 'sees the numbers' },
  { role: 'operator', name: 'Operator', may: 'sees the numbers and runs LIVEs' },
  { role: 'owner', name: 'Owner', may: 'does everything, also keys, team and data' },
]

export function roleName(role: string): string {
  return roleChoices.find((choice) => choice.role === role)?.name ?? role
}

export function isRole(text: string): text is Role {
  return roles.some((role) => role === text)
}
