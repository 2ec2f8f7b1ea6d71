import { feedsByType, foldTotals, refuseUnknown, type Touched } from './feeds.ts'
import { emptyLive, foldLive } from './fold-live.ts'
import { type DayState, type LiveEntry, type LiveState, stateLimits } from './live-state.ts'
import type { NumberedEvent } from './numbered-event.ts'
import { own } from './own.ts'

/**
 * The only definition of a live number: folds the next events of one creator into its state. It owns the
 * given state, changes it in place and returns it; it reads no clock. Throws on a hole in `seq`: the caller
 * must read what it missed first. Numbers up to `holesUntil` may be missing: their events are in the state
 * already. Throws on an unknown event type too: a later release wrote it. Both leave the state unchanged;
 * after any other error the state must not be used.
 */
export function fold(
  state: LiveState,
  events: Iterable<NumberedEvent>,
  touched: Touched = ignored,
  holesUntil = 0,
): LiveState {
  for (const event of events) {
    const isNext = event.seq > state.seq && event.seq <= Math.max(state.seq, holesUntil) + 1
    if (!isNext) {
      throw new Error(`a hole in the log: event ${event.seq} after ${state.seq}`)
    }
    refuseUnknown(event.type)
    foldStock(state, event, touched)
    foldDay(state, event, touched)
    const live = liveOf(state, event, touched)
    if (live) foldLive(live, event, touched)
    // Last: an event on which this throws is not taken.
    state.seq = event.seq
  }
  return state
}

const ignored: Touched = { add: () => {} }

function foldStock(state: LiveState, event: NumberedEvent, touched: Touched): void {
  if (event.type !== 'stock_level' || event.product_id === undefined) return
  if (event.superseded) return
  const isKnown = Object.hasOwn(state.stock, event.product_id)
  if (!isKnown && Object.keys(state.stock).length >= stateLimits.products) return
  // The written level is the product's total after this event, so the newest number is right.
  state.stock[event.product_id] = event.level ?? 0
  touched.add(`stock\u0000${event.product_id}`)
}

function foldDay(state: LiveState, event: NumberedEvent, touched: Touched): void {
  let day: DayState | undefined = own(state.days, event.day)
  if (!day) {
    const held = Object.keys(state.days).sort()
    const oldest = held[0]
    if (oldest !== undefined && held.length >= stateLimits.days) {
      if (event.day < oldest) return
      delete state.days[oldest]
      touched.add(`days\u0000${oldest}`)
    }
    day = { totals: {}, excluded: {} }
    state.days[event.day] = day
    touched.add(`days\u0000${event.day}`)
  }
  foldTotals(day, feedsByType[event.type].totals.day, event, `days\u0000${event.day}`, touched)
}

/** The event's LIVE in the state, created by its first event; undefined if it has none or was dropped. */
function liveOf(state: LiveState, event: NumberedEvent, touched: Touched): LiveEntry | undefined {
  const id = event.session_id
  if (id === undefined) return undefined
  const known = own(state.lives, id)
  if (known || !event.opens_live) return known
  state.lives[id] = emptyLive(id, event.live_started_at ?? event.ts)
  touched.add(`lives\u0000${id}`)
  const lives = Object.values(state.lives)
  if (lives.length > stateLimits.lives) {
    const first = lives.reduce((a, b) => (startsBefore(b, a) ? b : a))
    delete state.lives[first.session_id]
    touched.add(`lives\u0000${first.session_id}`)
  }
  return own(state.lives, id)
}

function startsBefore(a: LiveEntry, b: LiveEntry): boolean {
  return (
    a.started_at < b.started_at || (a.started_at === b.started_at && a.session_id < b.session_id)
  )
}
