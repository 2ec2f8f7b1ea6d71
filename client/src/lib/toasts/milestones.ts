import type { ToastInput } from './queue.ts'

/** What milestones are seen in, of the LIVE on screen. */
export interface Reading {
  readonly sessionId: string
  readonly at: number
  /** The numbers are known to be current: what jumps in after a gap was not watched. */
  readonly watched: boolean
  readonly orders: number
  readonly viewers: number | null
  /** GMV of each minute that is over, minor units, by the epoch ms of its start. */
  readonly minutes: ReadonlyMap<number, number>
  readonly goal?:
    | { readonly id: string; readonly name: string; readonly reached: boolean }
    | undefined
  /** The most of any past LIVE; null where it is not known. */
  readonly past: { readonly viewers: number | null; readonly minuteGmv: number | null }
}

export interface Memory {
  readonly sessionId: string
  readonly watched: boolean
  /** What was told, or was so already when watching began. */
  readonly told: ReadonlySet<string>
  /** The last minute that was judged. */
  readonly minute: number
}

/** A record means something only once there are this many minutes with orders to beat. */
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
 * What to tell now. Nothing of what was so when watching began, or came while nobody could watch; each thing
 * once; of several numbers of orders at once the greatest.
 */
export function watch(
  memory: Memory | null,
  reading: Reading,
): { readonly memory: Memory; readonly toasts: readonly ToastInput[] } {
  const now = passed(reading)
  const minute = Math.max(memory?.minute ?? 0, ...reading.minutes.keys())
  const goesOn =
    memory !== null && memory.sessionId === reading.sessionId && memory.watched && reading.watched
  if (!goesOn) {
    const told = new Set(memory?.sessionId === reading.sessionId ? [...memory.told, ...now] : now)
    const { sessionId, watched } = reading
    return { memory: { sessionId, watched, told, minute }, toasts: [] }
  }
  const fresh = [...now].filter((id) => !memory.told.has(id))
  const record = minute > memory.minute ? recordOf(reading, minute) : undefined
  if (fresh.length === 0 && minute === memory.minute) return { memory, toasts: [] }
  const orders = fresh.filter((id) => id.startsWith('order ')).map((id) => Number(id.slice(6)))
  const toasts = [
    ...(orders.length > 0 ? [toastOfOrders(Math.max(...orders))] : []),
    ...(fresh.includes('viewers') ? [toastOfViewers(reading)] : []),
    ...(reading.goal && fresh.includes(`goal ${reading.goal.id}`)
      ? [toastOfGoal(reading.goal)]
      : []),
    ...(record ? [record] : []),
  ]
  return {
    memory: { ...memory, told: new Set([...memory.told, ...fresh]), minute },
    toasts: toasts.map((toast) => ({ why: reading.at, ...toast })),
  }
}

/** The newest minute, when it beats every minute of this LIVE and of the past. */
function recordOf({ minutes, past }: Reading, minute: number): ToastInput | undefined {
  const gmv = minutes.get(minute) ?? 0
  const before = [...minutes].filter(([at, value]) => at !== minute && value > 0)
  const most = Math.max(past.minuteGmv ?? 0, ...before.map(([, value]) => value))
  if (before.length < MINUTES_TO_BEAT || gmv <= most) return undefined
  return {
    key: `minute ${minute}`,
    priority: 'milestone',
    title: ['Record minute'],
    text: [{ money: gmv }, ' at ', { clock: minute }],
    why: minute,
  }
}

function toastOfOrders(orders: number): ToastInput {
  const title = orders === 1 ? ['First order'] : [{ count: orders }, ' orders']
  return { key: `order ${orders}`, priority: 'milestone', title, text: ['in this LIVE'] }
}

function toastOfViewers({ viewers }: Reading): ToastInput {
  return {
    key: 'viewers',
    priority: 'milestone',
    title: ['Most viewers ever'],
    text: [{ count: viewers ?? 0 }, ' at once'],
  }
}

function toastOfGoal({ id, name }: { readonly id: string; readonly name: string }): ToastInput {
  return { key: `goal ${id}`, priority: 'milestone', title: ['Goal reached'], text: [name] }
}
