/** What milestones are detected in, for the LIVE on screen. */
export interface Reading {
  readonly sessionId: string
  readonly at: number
  /** The numbers are known to be current: a jump after a gap was not watched. */
  readonly watched: boolean
  readonly orders: number
  readonly viewers: number | null
  /** GMV of each finished minute, minor units, by the epoch ms of its start. */
  readonly minutes: ReadonlyMap<number, number>
  readonly goal?:
    | { readonly id: string; readonly name: string; readonly reached: boolean }
    | undefined
  /** The maximum of any past LIVE; null if unknown. */
  readonly past: { readonly viewers: number | null; readonly minuteGmv: number | null }
}

export interface Memory {
  readonly sessionId: string
  readonly watched: boolean
  /** What was announced, or already reached when watching began. */
  readonly told: ReadonlySet<string>
  /** The last minute that was judged. */
  readonly minute: number
}

/** What a LIVE has reached: a round number of orders, its goal, or more than any LIVE before. */
export type Milestone =
  | { readonly kind: 'orders'; readonly orders: number }
  | { readonly kind: 'viewers'; readonly viewers: number }
  | { readonly kind: 'goal'; readonly id: string; readonly name: string }
  /** A finished minute, by the epoch ms of its start. */
  | { readonly kind: 'minute'; readonly minute: number; readonly gmv: number }

/** A record only counts once there are this many minutes with orders to beat. */
const MINUTES_TO_BEAT = 5
const firstRounds = [10, 50] as const

/** Every milestone that a reading has passed, by its id. */
export function passed({ orders, viewers, goal, past }: Reading): Set<string> {
  const ids = new Set<string>()
  if (orders >= 1) ids.add('order 1')
  for (const round of roundsUpTo(orders)) ids.add(`order ${round}`)
  if (goal?.reached) ids.add(`goal ${goal.id}`)
  if (viewers !== null && past.viewers !== null && viewers > past.viewers) ids.add('viewers')
  return ids
}

/** 10, 50, 100, 500, 1000 … */
export function roundsUpTo(orders: number): number[] {
  const rounds: number[] = []
  for (let power = 1; power * firstRounds[0] <= orders; power *= 10) {
    for (const round of firstRounds) if (round * power <= orders) rounds.push(round * power)
  }
  return rounds
}

/**
 * What was reached just now. Nothing already reached when watching began, or during a gap; each once; of
 * several order counts at once the greatest.
 */
export function watch(
  memory: Memory | null,
  reading: Reading,
): { readonly memory: Memory; readonly reached: readonly Milestone[] } {
  const now = passed(reading)
  const minute = Math.max(memory?.minute ?? 0, ...reading.minutes.keys())
  const goesOn =
    memory !== null && memory.sessionId === reading.sessionId && memory.watched && reading.watched
  if (!goesOn) {
    const told = new Set(memory?.sessionId === reading.sessionId ? [...memory.told, ...now] : now)
    const { sessionId, watched } = reading
    return { memory: { sessionId, watched, told, minute }, reached: [] }
  }
  const fresh = [...now].filter((id) => !memory.told.has(id))
  const record = minute > memory.minute ? recordOf(reading, minute) : undefined
  if (fresh.length === 0 && minute === memory.minute) return { memory, reached: [] }
  const orders = fresh.filter((id) => id.startsWith('order ')).map((id) => Number(id.slice(6)))
  const { goal, viewers } = reading
  const reached: Milestone[] = []
  if (orders.length > 0) reached.push({ kind: 'orders', orders: Math.max(...orders) })
  if (fresh.includes('viewers')) reached.push({ kind: 'viewers', viewers: viewers ?? 0 })
  if (goal && fresh.includes(`goal ${goal.id}`)) {
    reached.push({ kind: 'goal', id: goal.id, name: goal.name })
  }
  if (record) reached.push(record)
  return { memory: { ...memory, told: new Set([...memory.told, ...fresh]), minute }, reached }
}

/** The newest minute, if it beats every minute of this LIVE and of the past. */
function recordOf({ minutes, past }: Reading, minute: number): Milestone | undefined {
  const gmv = minutes.get(minute) ?? 0
  const before = [...minutes].filter(([at, value]) => at !== minute && value > 0)
  const most = Math.max(past.minuteGmv ?? 0, ...before.map(([, value]) => value))
  if (before.length < MINUTES_TO_BEAT || gmv <= most) return undefined
  return { kind: 'minute', minute, gmv }
}
