import type { Columns } from './columns.ts'
import type { MetricId } from './metrics.ts'

/** How much one creator's live state may hold; what does not fit is REST's. */
export const stateLimits = {
  lives: 8,
  days: 2,
  minutes: 1_440,
  tenSeconds: 360,
  outside: 1_440,
  products: 500,
  pins: 500,
  pinMarks: 200,
  pauseMarks: 200,
  marks: 50,
  currencies: 20,
  recent: 50,
  labelCharacters: 60,
} as const

export const MINUTE_MS = 60_000
export const TEN_SECONDS_MS = 10_000
/** Series of a LIVE go on this long after its end: a refund days later belongs to the totals alone. */
export const SERIES_GRACE_MS = 15 * MINUTE_MS
/** An open LIVE without a sign of life for this long has ended. */
export const OPEN_LIVE_MS = 30 * MINUTE_MS

/** Values of base metrics by id; an absent one is 0. */
export type Totals = Partial<Record<MetricId, number>>

/** A level and the event that set it: the greater (`ts`, `id`) wins. */
export interface Gauge {
  readonly value: number
  readonly ts: number
  readonly id: string
}

/** What was left out of the sums because it is in another currency. */
export interface Excluded {
  readonly orders: number
  readonly entries: number
}

/** A pin, or an unpin when it has no product. */
export interface PinMark {
  readonly ts: number
  readonly id: string
  readonly product_id: string | null
}

export interface PauseMark {
  readonly ts: number
  readonly id: string
  readonly paused: boolean
}

/** What stands on the time axis beside pins and pauses. */
export interface Mark {
  readonly ts: number
  readonly id: string
  readonly kind: 'gap' | 'note' | 'price' | 'sold_out'
  /** Epoch ms at which a gap ended. */
  readonly until?: number
  readonly product_id?: string
  /** The words of a note, the name of a product, or the kind of source that could not be seen. */
  readonly label?: string
  /** The new price, minor units. */
  readonly amount?: number
}

/** One thing that just happened, by ids only: names and words are kept apart from the log. */
export interface Happening {
  readonly ts: number
  readonly id: string
  readonly type: string
  readonly user_id?: string
  readonly product_id?: string
  readonly label?: string
  readonly quantity?: number
  readonly money?: number
}

export interface DayState {
  totals: Totals
  excluded: Record<string, Excluded>
}

/** A LIVE without its series and lists: what a snapshot holds of every LIVE. */
export interface LiveSummary {
  session_id: string
  title?: string
  /** Epoch ms of `live_started`, else of the earliest event that named it. */
  started_at: number
  /** True until `live_started` came: the start is the earliest event's. */
  inferred: boolean
  /** Epoch ms of `live_ended`; null while none came. */
  ended_at: number | null
  /** Epoch ms of the last sign of life. */
  last_at: number
  /** Events attributed by their time alone. */
  estimated: number
  totals: Totals
  excluded: Record<string, Excluded>
  viewers_now: Gauge | null
  pauses: readonly PauseMark[]
  /** False once more pauses came than are kept: the length without pauses is unknown then. */
  pauses_complete: boolean
  /** Metrics that were not counted yet when events of this LIVE were dropped: what they would be is unknown. */
  uncounted?: readonly MetricId[]
}

/** The parts of a LIVE that only a whole one has. */
export interface LiveDetail {
  /** By minute; position 0 is the epoch minute `minutes_from`, before which nothing is held. */
  minutes: Columns
  minutes_from: number
  /** By ten seconds; position 0 is the epoch ten-seconds `tens_from`, before which nothing is held. */
  tens: Columns
  tens_from: number
  /** By product; the position of each is in `product_rows`. */
  products: Columns
  product_rows: Record<string, number>
  /** Names by position; empty where none was told. */
  product_names: string[]
  products_other: Totals
  /** By pin; the position of each is in `pin_rows`. */
  pins: Columns
  pin_rows: Record<string, number>
  pins_other: Totals
  pin_marks: readonly PinMark[]
  /** Gaps, notes, new prices and sold-out products in order of time: the newest of them. */
  marks: readonly Mark[]
  /** The newest things that happened, by event id. */
  recent: Record<string, Happening>
}

/** The series by minute. */
export type Minutes = Pick<LiveDetail, 'minutes' | 'minutes_from'>

export type ProductNames = Pick<LiveDetail, 'product_rows' | 'product_names'>

export interface LiveEntry extends LiveSummary, LiveDetail {
  /** Buckets near the series, by epoch minute or ten seconds, in case the LIVE turns out longer. Not sent to screens. */
  outside?: Record<'minutes' | 'tens', Record<string, Totals>>
}

/** Everything a screen of one creator can show now. */
export interface LiveState {
  /** The last event folded in. */
  seq: number
  days: Record<string, DayState>
  lives: Record<string, LiveEntry>
  /** What is left of the first products whose stock was reported. */
  stock: Record<string, number>
}

/** A snapshot for a screen: every LIVE's totals, one LIVE whole. */
export interface LiveSnapshot extends Omit<LiveState, 'lives'> {
  lives: Record<string, LiveSummary & Partial<LiveDetail>>
  /** The LIVE that is whole, null when there is none. */
  whole: string | null
}

export function emptyState(): LiveState {
  return { seq: 0, days: {}, lives: {}, stock: {} }
}

export const detailKeys = [
  'minutes',
  'minutes_from',
  'tens',
  'tens_from',
  'products',
  'product_rows',
  'product_names',
  'products_other',
  'pins',
  'pin_rows',
  'pins_other',
  'pin_marks',
  'marks',
  'recent',
] as const satisfies readonly (keyof LiveDetail)[]

/** The LIVE that started last; null when there is none. */
export function latestLive(lives: Readonly<Record<string, LiveSummary>>): string | null {
  let latest: LiveSummary | undefined
  for (const live of Object.values(lives)) {
    if (
      !latest ||
      live.started_at > latest.started_at ||
      (live.started_at === latest.started_at && live.session_id > latest.session_id)
    ) {
      latest = live
    }
  }
  return latest?.session_id ?? null
}

/** Cuts a state down to what one screen gets: `whole` names the LIVE that keeps its series and lists. */
export function snapshotOf(state: LiveState, whole: string | null): LiveSnapshot {
  const lives: LiveSnapshot['lives'] = {}
  for (const [id, live] of Object.entries(state.lives)) {
    lives[id] = id === whole ? shownOf(live) : summaryOf(live)
  }
  return { ...state, lives, whole }
}

/** A LIVE as a screen that holds it whole has it. */
export function shownOf({ outside: _, ...shown }: LiveEntry): LiveSummary & LiveDetail {
  return shown
}

function summaryOf(live: LiveEntry): LiveSummary {
  const summary: Partial<LiveEntry> = shownOf(live)
  for (const key of detailKeys) delete summary[key]
  return summary as LiveSummary
}

/** The position of a product or pin in its columns; −1, where every value is 0, when it has none. */
export function rowOf(rows: Readonly<Record<string, number>>, id: string): number {
  return Object.hasOwn(rows, id) ? (rows[id] ?? -1) : -1
}

/** A letter, a digit or a sign that is drawn: blanks and fillers are none. */
const visible = /(?![\u115F\u1160\u3164\uFFA0\u2800])[\p{L}\p{N}\p{P}\p{S}]/u

/** The name of a product; undefined where none was told, or one that nobody can see. */
export function productName(
  { product_rows, product_names }: ProductNames,
  id: string,
): string | undefined {
  const name = product_names[rowOf(product_rows, id)]
  return name !== undefined && visible.test(name) ? name : undefined
}
