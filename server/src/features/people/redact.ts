import type { Identifiers, Person } from '../../projections/identifiers.ts'

/**
 * The only properties an erased person's event keeps: names of things and counted numbers. Everything else
 * may identify them.
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

/** The parts of an event that can identify a person. */
export interface Telling {
  readonly id: string
  readonly user_id: string | null
  readonly customer_id: string | null
  readonly order_id: string | null
  readonly properties: Readonly<Record<string, unknown>> | null
}

/** Whether an event is the person's: by its ids, or by one of their orders. */
export function isOwn({ user_id, customer_id, order_id }: Telling, person: Person): boolean {
  return (
    user_id === person.userId ||
    customer_id === person.userId ||
    (order_id !== null && person.orders.has(order_id))
  )
}

/** An event without what identifies the person; of their own events only counted properties stay. */
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

/** An event that was set aside, as received: parts may be missing. */
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
