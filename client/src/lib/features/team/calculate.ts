import type { Role } from '@creatorflow/shared/endpoint'
import type { Member } from '@creatorflow/shared/features/team'

/** One role of a member; null: for all creators. */
export interface Held {
  readonly creator_id: string | null
  readonly role: Role
}

/** One change to ask the server for; `role: null` takes the role away. */
export interface RoleChange {
  readonly creator_id: string | null
  readonly role: Role | null
}

/** The changes from one set of roles to another; what is given comes before what is taken, so that nobody is without a role between. */
export function roleChanges(before: readonly Held[], after: readonly Held[]): RoleChange[] {
  const given = after.filter(
    ({ creator_id, role }) =>
      !before.some((held) => held.creator_id === creator_id && held.role === role),
  )
  const taken = before
    .filter(({ creator_id }) => !after.some((held) => held.creator_id === creator_id))
    .map(({ creator_id }) => ({ creator_id, role: null }))
  return [...given, ...taken]
}

/** Whether a change gives up an ownership: of one's own, one cannot take it back. */
export function losesOwnership(before: readonly Held[], after: readonly Held[]): boolean {
  return before.some(
    (held) =>
      held.role === 'owner' &&
      !after.some(
        ({ creator_id, role }) =>
          role === 'owner' && (creator_id === held.creator_id || creator_id === null),
      ),
  )
}

/** Members whose name, address or creator contains every word of `text`. */
export function foundMembers(
  members: readonly Member[],
  text: string,
  placeOf: (creatorId: string | null) => string,
): Member[] {
  const words = text.toLocaleLowerCase().split(/\s+/).filter(Boolean)
  return members.filter(({ name, email, roles }) => {
    const places = roles.map(({ creator_id, role }) => `${role} ${placeOf(creator_id)}`)
    const all = [name, email, ...places].join(' ').toLocaleLowerCase()
    return words.every((word) => all.includes(word))
  })
}

/** Whether a link leads nowhere from another machine. */
export function isOfThisMachine(url: string): boolean {
  const { hostname } = new URL(url)
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname)
}
