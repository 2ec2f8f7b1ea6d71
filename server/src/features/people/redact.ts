import type { Identifiers, Person } from './identifiers.ts'

/**
 * The only properties that an event of an erased person keeps: names of things and numbers that are counted.
 * Everything else may tell who it was.
 */
export const keptProperties = [
  'product_name',
  'title',
  'gift_id',
  'gift_name',
  'diamond_count',
  'streak_id',
  'streak_end',
  'total',
  'total_users',
  'discount',
  'tax',
  'shipping',
  'kind',
  'source',
  'unattributed',
] as const

const isKept = (key: string) => (keptProperties as readonly string[]).includes(key)

/** The parts of an event that can tell who somebody was. */
export interface Telling {
  readonly id: string
  readonly user_id: string | null
  readonly customer_id: string | null
  readonly order_id: string | null
  readonly properties: Readonly<Record<string, unknown>> | null
}

/** Whether an event is the person's: named by its ids, or by an order of theirs. */
export function isOwn({ user_id, customer_id, order_id }: Telling, person: Person): boolean {
  return (
    user_id === person.userId ||
    customer_id === person.userId ||
    (order_id !== null && person.orders.has(order_id))
  )
}

/** An event without what tells who the person was; of their own ones only counted properties stay. */
export function redactedEvent<T extends Telling>(
  event: T,
  person: Person,
  { redactId, redactValue, redact }: Identifiers,
): T {
  const renamed = (id: string | null) => (id === person.userId ? person.pseudonym : id)
  const entries = Object.entries(event.properties ?? {})
  if (!isOwn(event, person)) {
    const properties = entries.map(([key, value]) => {
      if (key === 'title' && typeof value === 'string') return [key, redact(value)]
      return isKept(key) ? [key, value] : [redact(key), redactValue(value)]
    })
    return { ...event, ...(event.properties && { properties: Object.fromEntries(properties) }) }
  }
  const properties = entries
    .filter(([key]) => isKept(key))
    .map(([key, value]) => {
      if (typeof value !== 'string') return [key, value]
      if (key === 'streak_id') return [key, value.replaceAll(person.userId, person.pseudonym)]
      return [key, key === 'title' ? redact(value) : value]
    })
  return {
    ...event,
    id: redactId(event.id),
    user_id: renamed(event.user_id),
    customer_id: renamed(event.customer_id),
    order_id:
      event.order_id === null ? null : (person.orders.get(event.order_id) ?? event.order_id),
    properties: properties.length > 0 ? Object.fromEntries(properties) : null,
  }
}

/** An event that was set aside, as it came: its parts may be missing. */
export function redactedLetter(
  letter: Readonly<Record<string, unknown>>,
  person: Person,
  identifiers: Identifiers,
): Record<string, unknown> {
  const text = (key: string) => (typeof letter[key] === 'string' ? letter[key] : null)
  const given = typeof letter.properties === 'object' ? letter.properties : null
  const telling: Telling = {
    id: text('id') ?? '',
    user_id: text('user_id'),
    customer_id: text('customer_id'),
    order_id: text('order_id'),
    // Safe: an object that is not null, whatever is in it.
    properties: given as Record<string, unknown> | null,
  }
  const { user: who, properties: _, ...rest } = letter
  const own = isOwn(telling, person)
  const redacted = redactedEvent(telling, person, identifiers)
  const changed = Object.entries(redacted).filter(([key]) => key in letter)
  return {
    ...(identifiers.redactValue(rest) as Record<string, unknown>),
    ...Object.fromEntries(changed),
    ...(!own && who !== undefined && { user: identifiers.redactValue(who) }),
  }
}

/** Where a person stands in the key of a claim, which is a list. */
const positions: Readonly<Record<string, number>> = {
  viewer_live: 1,
  viewer_day: 0,
  customer_live: 1,
  customer_day: 0,
  customer: 0,
  streak: 1,
}
/** Keys of what is sold, and of LIVEs: nobody's. */
const ofNobody: readonly string[] = ['stock', 'stock_total', 'likes', 'running']

/** The key of a claim under the new names; undefined when it is about somebody else. */
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
  // A streak may be named after who gives it; as in the events, so that it stays the same streak.
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
