import { type Role, roles } from '@creatorflow/shared/endpoint'
import { m } from '#messages'

/** The roles, smallest first, with what each allows. */
export const roleChoices: readonly {
  readonly role: Role
  readonly name: string
  readonly may: string
  /** The same as a sentence of its own. */
  readonly sentence: string
}[] = [
  {
    role: 'viewer',
    name: m.settings_viewer(),
    may: m.settings_sees_numbers(),
    sentence: m.settings_viewer_sees(),
  },
  {
    role: 'operator',
    name: m.settings_operator(),
    may: m.settings_sees_numbers_and_runs_lives(),
    sentence: m.settings_operator_runs(),
  },
  {
    role: 'owner',
    name: m.settings_owner(),
    may: m.settings_has_full_access_including_keys(),
    sentence: m.settings_owner_has(),
  },
]

export function roleName(role: string): string {
  return roleChoices.find((choice) => choice.role === role)?.name ?? role
}

export function isRole(text: string): text is Role {
  return roles.some((role) => role === text)
}
