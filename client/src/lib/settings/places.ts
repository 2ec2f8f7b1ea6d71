import { m } from '#messages'

/** The meaning of a `creator_id` of a role, key or entry; null is every creator of the installation. */
export function placeNames(
  creators: readonly { readonly id: string; readonly name: string }[],
): (creatorId: string | null) => string {
  const names = new Map(creators.map(({ id, name }) => [id, name]))
  return (creatorId) =>
    creatorId === null ? m.settings_all_creators() : (names.get(creatorId) ?? creatorId)
}
