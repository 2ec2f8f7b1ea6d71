import type { Person } from './identifiers.ts'

/** Where a person is in the key of a claim, which is a list. */
const positions: Readonly<Record<string, number>> = {
  viewer_live: 1,
  viewer_day: 0,
  customer_live: 1,
  customer_day: 0,
  customer: 0,
  streak: 1,
}
/** Keys of products and LIVEs: nobody's. */
const ofNobody: readonly string[] = ['stock', 'stock_total', 'likes', 'running']

/** The key of a claim under the new names; undefined if it is about someone else. */
export function renamedKey(
  kind: string,
  key: string,
  person: Person,
  eventIds: ReadonlyMap<string, string>,
): string | undefined {
  if (ofNobody.includes(kind)) return undefined
  if (kind === 'order') return person.orders.get(key)
  const parts = listIn(key)
  if (!parts) return undefined
  const position = positions[kind]
  const after = parts.map((part, index) => {
    if (part === null) return null
    if (kind.startsWith('order_')) {
      return (index === 0 ? person.orders.get(part) : eventIds.get(part)) ?? part
    }
    if (position !== undefined && position !== index) return part
    return part === person.userId ? person.pseudonym : (person.orders.get(part) ?? part)
  })
  // The second part of an order's key may be any product's id: it is renamed only with its order.
  if (kind.startsWith('order_') && after[0] === parts[0]) return undefined
  if (after.every((part, index) => part === parts[index])) return undefined
  // A streak may be named after its giver; renamed as in the events, so it stays the same streak.
  if (kind === 'streak') after[3] = after[3]?.replaceAll(person.userId, person.pseudonym) ?? null
  return JSON.stringify(after)
}

function listIn(key: string): (string | null)[] | undefined {
  try {
    const parts: unknown = JSON.parse(key)
    return Array.isArray(parts)
      ? parts.map((part) => (part === null ? null : String(part)))
      : undefined
  } catch {
    return undefined
  }
}
