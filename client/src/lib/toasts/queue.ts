import type { IconName } from '#lib/ui/icons.ts'
import type { Word } from './words.ts'

/** From the one that waits for nobody to the one that may be missed. */
export const priorities = ['critical', 'warning', 'milestone', 'notice'] as const
export type Priority = (typeof priorities)[number]

/** What comes in: events with the same key become one toast. */
export interface ToastInput {
  readonly key: string
  readonly priority: Priority
  readonly title: readonly Word[]
  readonly text?: readonly Word[]
  /** Told again with the total of everything that came together. */
  readonly total?: { readonly count: number; readonly worth: number }
  readonly why?: number
  /** It is news only beside one of its kind: where there is none, nothing is told. */
  readonly joinsOnly?: true
  /** It stays until it is answered, dismissed or withdrawn. */
  readonly stays?: true
  readonly icon?: IconName
  /** What can be done about it besides looking. */
  readonly answers?: readonly { readonly name: string; readonly run: () => void }[]
}

export interface Toast extends ToastInput {
  readonly id: number
  /** When the last of what it tells came. */
  readonly at: number
  /** When it goes; null while it waits, is held or stays. */
  readonly until: number | null
}

export interface Queue {
  readonly shown: readonly Toast[]
  /** The most urgent first, within that the oldest. */
  readonly waiting: readonly Toast[]
  /** Somebody reads: nothing goes, nothing comes up. */
  readonly held: boolean
  readonly nextId: number
  /** When something urgent came last, for one sound an episode. */
  readonly urgentAt: number
}

export const emptyQueue: Queue = {
  shown: [],
  waiting: [],
  held: false,
  nextId: 1,
  urgentAt: Number.NEGATIVE_INFINITY,
}

export const toastLimits = {
  shown: 3,
  waiting: 20,
  /** What comes within this of the last of its kind belongs to it. */
  burstMs: 5_000,
  /** Without something urgent for this long, the next one begins a new episode. */
  episodeMs: 60_000,
  /** What waited longer is no news. */
  staleMs: 60_000,
} as const

const lifeMs: Readonly<Record<Priority, number>> = {
  critical: 30_000,
  warning: 20_000,
  milestone: 9_000,
  notice: 6_000,
}

const isUrgent = ({ priority }: ToastInput) => priority === 'critical' || priority === 'warning'
const rankOf = ({ priority }: ToastInput) => priorities.indexOf(priority)

const endOf = (toast: ToastInput, now: number): number | null =>
  toast.stays ? null : now + lifeMs[toast.priority]

/** Takes one in; `rings` says that an episode begins with it. */
export function push(
  queue: Queue,
  input: ToastInput,
  now: number,
): { readonly queue: Queue; readonly rings: boolean } {
  const urgent = isUrgent(input)
  const rings = urgent && now - queue.urgentAt > toastLimits.episodeMs
  const base = urgent ? { ...queue, urgentAt: now } : queue
  const gather = (toast: Toast): Toast =>
    belongs(toast, input, now) ? joined(toast, input, now, queue.held) : toast
  if ([...base.shown, ...base.waiting].some((toast) => belongs(toast, input, now)))
    return {
      queue: { ...base, shown: base.shown.map(gather), waiting: base.waiting.map(gather) },
      rings,
    }
  if (input.joinsOnly) return { queue, rings: false }
  const toast: Toast = { ...input, id: base.nextId, at: now, until: null }
  const waiting = [...base.waiting, toast]
    .sort((a, b) => rankOf(a) - rankOf(b) || a.id - b.id)
    .slice(0, toastLimits.waiting)
  return { queue: advance({ ...base, waiting, nextId: base.nextId + 1 }, now), rings }
}

/** What time does: those at their end go, those that wait come up. An urgent one takes the place of the least. */
export function advance(queue: Queue, now: number): Queue {
  if (queue.held) return queue
  const shown = queue.shown.filter(({ until }) => until === null || until > now)
  const waiting = queue.waiting.filter(
    (toast) => isUrgent(toast) || now - toast.at <= toastLimits.staleMs,
  )
  while (waiting[0]) {
    const next = waiting[0]
    if (shown.length >= toastLimits.shown) {
      const least = shown.reduce((a, b) => (rankOf(b) >= rankOf(a) ? b : a))
      if (rankOf(least) <= rankOf(next)) break
      shown.splice(shown.indexOf(least), 1)
    }
    waiting.shift()
    shown.push({ ...next, until: endOf(next, now) })
  }
  const same = shown.length === queue.shown.length && waiting.length === queue.waiting.length
  const unchanged = same && shown.every((toast, at) => toast === queue.shown[at])
  return unchanged ? queue : { ...queue, shown, waiting }
}

export function dismiss(queue: Queue, id: number, now: number): Queue {
  return advance({ ...queue, shown: queue.shown.filter((toast) => toast.id !== id) }, now)
}

/** What it told is over or answered elsewhere: it goes at once, or like any other while somebody reads. */
export function withdraw(queue: Queue, key: string, now: number): Queue {
  const others = (list: readonly Toast[]) => list.filter((toast) => toast.key !== key)
  if (!queue.held) {
    return advance({ ...queue, shown: others(queue.shown), waiting: others(queue.waiting) }, now)
  }
  const ended = ({ stays: _, answers: __, ...toast }: Toast): Toast => toast
  const shown = queue.shown.map((toast) => (toast.key === key ? ended(toast) : toast))
  return { ...queue, shown, waiting: others(queue.waiting) }
}

/** While the pointer or the focus is on them, toasts stay. */
export function hold(queue: Queue): Queue {
  return queue.held ? queue : { ...queue, held: true }
}

/** From now on each has its life again: whoever read one was kept from the others. */
export function release(queue: Queue, now: number): Queue {
  if (!queue.held) return queue
  const shown = queue.shown.map((toast) => ({ ...toast, until: endOf(toast, now) }))
  return advance({ ...queue, held: false, shown }, now)
}

function belongs(toast: Toast, input: ToastInput, now: number): boolean {
  if (toast.key !== input.key) return false
  // An alert that is still there is the same one; a total grows only while its burst goes on.
  return input.total === undefined || now - toast.at <= toastLimits.burstMs
}

function joined(toast: Toast, input: ToastInput, now: number, held: boolean): Toast {
  const total = toast.total &&
    input.total && {
      count: toast.total.count + input.total.count,
      worth: toast.total.worth + input.total.worth,
    }
  return {
    ...toast,
    ...input,
    ...(total && { total }),
    at: now,
    until: toast.until === null || held ? toast.until : endOf(input, now),
  }
}
