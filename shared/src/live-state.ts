import { type MetricId, productMetricIds, seriesMetricIds } from './metrics.ts'

/** Raise it whenever the fold or the shape of the state changes: every checkpoint and screen starts afresh. */
export const FOLD_VERSION = 3

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

/** One bucket, product or pin: values in the positions of `seriesMetricIds` or `productMetricIds`. */
export type Cells = readonly number[]

export interface Product {
  readonly name?: string
  readonly values: Cells
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
}

/** The parts of a LIVE that only a whole one has. */
export interface LiveDetail {
  /** Minute → values; keys are epoch minutes. */
  minutes: Record<string, Cells>
  /** Ten seconds → values; keys are epoch ten-seconds. */
  tens: Record<string, Cells>
  products: Record<string, Product>
  products_other: Cells
  pins: Record<string, Cells>
  pins_other: Cells
  pin_marks: readonly PinMark[]
  /** Gaps, notes, new prices and sold-out products in order of time: the newest of them. */
  marks: readonly Mark[]
  /** The newest things that happened, by event id. */
  recent: Record<string, Happening>
}

export interface LiveEntry extends LiveSummary, LiveDetail {
  /** Buckets near the series, in case the LIVE turns out longer. Not sent to screens. */
  outside?: Pick<LiveDetail, 'minutes' | 'tens'>
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

/** A path into the state and the value there now; `null` deletes. */
export type Path = readonly string[]
export type Change = readonly [path: Path, value: unknown]

export function emptyState(): LiveState {
  return { seq: 0, days: {}, lives: {}, stock: {} }
}

export function emptyCells(kind: 'series' | 'product'): number[] {
  return new Array((kind === 'series' ? seriesMetricIds : productMetricIds).length).fill(0)
}

export const detailKeys = [
  'minutes',
  'tens',
  'products',
  'products_other',
  'pins',
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

/** The value at a path; undefined when any step is missing. */
export function valueAt(state: unknown, path: Path): unknown {
  let at = state
  for (const step of path) {
    if (!isRecord(at) || !Object.hasOwn(at, step)) return undefined
    at = at[step]
  }
  return at
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/**
 * A snapshot with changes applied: sets the value at each path, `null` deletes. Doing it twice is harmless. The
 * given one stays as it was, and what did not change is the same object in both. Cells of a LIVE that is not held
 * whole are dropped, except its summary.
 */
export function applyChanges(snapshot: LiveSnapshot, changes: readonly Change[]): LiveSnapshot {
  const owned = new Set<object>()
  const own = <T extends object>(value: T): T => {
    if (owned.has(value)) return value
    const copy = { ...value }
    owned.add(copy)
    return copy
  }
  const next = own(snapshot)
  for (const [path, given] of changes) {
    const [area, id, part] = path
    const foreign = area === 'lives' && id !== next.whole
    if (foreign && detailKeys.includes(part as keyof LiveDetail)) continue
    const isLive = area === 'lives' && path.length === 2 && given
    const value = isLive ? (foreign ? summaryOf : shownOf)(given as LiveEntry) : given
    if (path.includes('__proto__')) throw new Error('a path must not name __proto__')
    const steps = path.slice(0, -1)
    // What came and went between two updates leaves cells behind that belong to nothing.
    const holder = valueAt(next, steps)
    if (!isRecord(holder) || Array.isArray(holder)) continue
    let at: Record<string, unknown> = next as unknown as Record<string, unknown>
    for (const step of steps) {
      const inner = own(at[step] as Record<string, unknown>)
      at[step] = inner
      at = inner
    }
    const last = path.at(-1) as string
    if (value === null && isDeletable(path)) delete at[last]
    else at[last] = value
  }
  return next
}

/** Members of the open-ended maps go when they are null; a field whose value may be null stays. */
function isDeletable(path: Path): boolean {
  return path.length === 2 || path.length === 4
}
