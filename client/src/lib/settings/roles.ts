import { type Role, roles } from '@creatorflow/shared/endpoint'

/** The roles, smallest first, with what each allows. */
export const roleChoices: readonly {
  readonly role: Role
  readonly name: string
  readonly may: string
}[] = [
  { role: 'viewer', name: 'Viewer', may: 'sees the numbers' },
  { role: 'operator', name: 'Operator', may: 'sees the numbers and runs LIVEs' },
  { role: 'owner', name: 'Owner', may: 'has full access, including keys, team and data' },
]

export function roleName(role: string): string {
  return roleChoices.find((choice) => choice.role === role)?.name ?? role
}

export function isRole(text: string): text is Role {
  return roles.some((role) => role === text)
}
