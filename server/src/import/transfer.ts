import { setTimeout as sleep } from 'node:timers/promises'
import { type IncomingEvent, parseEvent } from '@creatorflow/shared/events'
import { type TimeLimits, timeFlaw } from '../pipeline/time-limits.ts'
import type { RecordedEvent } from '../sources/tiktok-recording/normalise.ts'
import { planReplay } from '../sources/tiktok-recording/plan-replay.ts'
import type { Item, Source } from './formats/format.ts'
import { ruinedIdIn } from './formats/ids.ts'

/** An event that passed its schema. */
export interface CheckedItem {
  readonly row: number
  readonly event: IncomingEvent
}

/** A part of a file that became no event. */
export interface RejectedItem {
  readonly row: number
  readonly column: string
  readonly reason: string
  readonly code: string
}

/**
 * Takes a batch of a file and waits until the server has accounted for it; `done` counts the items of the
 * file up to its end.
 */
export type Settle = (
  events: readonly CheckedItem[],
  rejected: readonly RejectedItem[],
  done: number,
) => Promise<void>

export interface TransferOptions {
  readonly creatorId: string
  /** Items of the file settled by an earlier run. */
  readonly skip: number
  /** For times, checked here if nothing is sent; otherwise by the server. */
  readonly limits: TimeLimits | undefined
  readonly signal: AbortSignal
}

/** Per request: far below the server's limit, so that progress shows. */
const BATCH_ITEMS = 5_000
const TICK_MS = 100

/** Sends a file in batches. Returns false if it was interrupted. */
export async function transfer(
  source: Source,
  { creatorId, skip, limits, signal }: TransferOptions,
  settle: Settle,
): Promise<boolean> {
  let events: CheckedItem[] = []
  let rejected: RejectedItem[] = []
  let done = 0
  const flush = async () => {
    if (events.length + rejected.length === 0) return
    // Recordings may be ordered by type: in order of time the series of running totals come out right.
    await settle(events.sort(byTime), rejected, done)
    events = []
    rejected = []
  }
  for await (const item of source.items()) {
    if (signal.aborted) return false
    done++
    if (done <= skip) continue
    const checked = withinTime(check(item, creatorId, source), limits)
    if ('event' in checked) events.push(checked)
    else rejected.push(checked)
    if (events.length + rejected.length === BATCH_ITEMS) await flush()
  }
  await flush()
  return true
}

// Events without a time happen when they arrive, after all others.
const byTime = (a: CheckedItem, b: CheckedItem): number =>
  (a.event.ts ?? Number.MAX_SAFE_INTEGER) - (b.event.ts ?? Number.MAX_SAFE_INTEGER)

/** Sends every event when its time has come, in small requests. Returns false if it was interrupted. */
export async function replay(
  source: Source,
  { creatorId, speed, signal }: Pick<TransferOptions, 'creatorId' | 'signal'> & { speed: number },
  settle: Settle,
): Promise<boolean> {
  const recorded: RecordedEvent[] = []
  const rejected: RejectedItem[] = []
  for await (const item of source.items()) {
    const checked = check(item, creatorId, source)
    if (!('event' in checked)) rejected.push(checked)
    // A recording gives each event its time.
    else if (checked.event.ts !== undefined) {
      recorded.push({ ...checked.event, ts: checked.event.ts })
    }
  }
  if (rejected.length > 0) await settle([], rejected, 0)
  const startAt = Date.now()
  const planned = planReplay(recorded, { startAt, speed, run: startAt.toString(36) })
  for (let next = 0; next < planned.length; ) {
    if (signal.aborted) return false
    const due: CheckedItem[] = []
    const now = Date.now()
    for (let event = planned[next]; event && event.ts <= now; event = planned[next]) {
      if (due.length === BATCH_ITEMS) break
      due.push({ row: ++next, event })
    }
    if (due.length > 0) await settle(due, [], next)
    if (next < planned.length) await sleep(TICK_MS)
  }
  return true
}

/** The same schemas as the server's, so that a dry run says what it would, and what only a file gets wrong. */
function check(item: Item, creatorId: string, source: Source): CheckedItem | RejectedItem {
  if (item.kind === 'rejected') return { code: 'unreadable', ...item }
  const { row } = item
  const columnOf = (field: string) => source.columnOf?.(field) ?? field
  const ruined = ruinedIdIn(item.value)
  if (ruined) {
    const { field, reason } = ruined
    return { row, column: columnOf(field), reason, code: 'ruined_id' }
  }
  const parsed = parseEvent({ ...item.value, creator_id: creatorId })
  if (parsed.ok) return { row, event: parsed.event }
  const { code, message } = parsed.reject
  const field = code === 'unknown_type' ? 'type' : /^[\w.]+(?=: )/.exec(message)?.[0]
  return { row, column: field === undefined ? '' : columnOf(field), reason: message, code }
}

function withinTime(
  checked: CheckedItem | RejectedItem,
  limits: TimeLimits | undefined,
): CheckedItem | RejectedItem {
  if (!limits || !('event' in checked) || checked.event.ts === undefined) return checked
  const { row, event } = checked
  const flaw = timeFlaw(checked.event.ts, limits)
  return flaw
    ? { row, column: '', reason: `${event.id}: ${flaw.message}`, code: flaw.code }
    : checked
}
