/** A person's name in the log, and the random one that takes its place. */
export interface Renaming {
  readonly from: string
  readonly to: string
}

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

/** Where the person stands in the key of a claim, which is a list; kinds that are not here name nobody. */
const positions: Readonly<Record<string, number>> = {
  viewer_live: 1,
  viewer_day: 0,
  customer_live: 1,
  customer_day: 0,
  customer: 0,
  streak: 1,
}

export const claimKindsOfPeople: readonly string[] = Object.keys(positions)

/** The key of a claim under the new name; undefined when it is about somebody else. */
export function renamedKey(kind: string, key: string, { from, to }: Renaming): string | undefined {
  const parts = JSON.parse(key) as (string | null)[]
  const position = positions[kind]
  if (position === undefined || parts[position] !== from) return undefined
  parts[position] = to
  // A streak may be named after who gives it; as in the events, so that it stays the same streak.
  if (kind === 'streak') parts[3] = parts[3]?.replaceAll(from, to) ?? null
  return JSON.stringify(parts)
}

/** An event that was set aside, without what names the person. */
export function redactedEvent(
  { user: _, ...event }: Readonly<Record<string, unknown>>,
  { from, to }: Renaming,
): Record<string, unknown> {
  const properties = Object.entries(event.properties ?? {}).filter(([key]) =>
    (keptProperties as readonly string[]).includes(key),
  )
  return {
    ...event,
    ...(event.user_id === from && { user_id: to }),
    ...(event.customer_id === from && { customer_id: to }),
    ...(event.properties !== undefined && { properties: Object.fromEntries(properties) }),
  }
}
