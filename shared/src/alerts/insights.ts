import type { InsightKind } from '../alert-reason.ts'
import { cellOf } from '../columns.ts'
import { type Mark, MINUTE_MS, rowOf } from '../live-state.ts'
import type { Reads } from './kind.ts'
import { overMinutes } from './measure.ts'
import type { LiveView, View } from './view.ts'

/** Something that was reached just now. */
export interface Moment {
  /** What of the LIVE, such as a product; empty for all of it. */
  readonly subject: string
  readonly value: number | null
  /** What it beats. */
  readonly before: number | null
}

export interface Detected<M = unknown> {
  readonly moment?: Moment
  /** What was told, or had been reached before anyone looked. */
  readonly memory: M
}

/**
 * One look for an insight. Without a memory everything that was reached so far is known already and no news. Undefined
 * while something it needs is not known. The same memory if nothing changed.
 */
type Detect<M> = (live: LiveView, view: View, memory: M | undefined) => Detected<M> | undefined

/** Few orders make any minute or product a record. */
const MINUTES_TO_BEAT = 5
const SALES_TO_LEAD = 5
const SURGE_SHARE = 1.5
const SURGE_VIEWERS = 20
/** Long enough for nobody to hear the same thing twice. */
const REST_MS = 10 * MINUTE_MS

const atLeast =
  (reached: (live: LiveView) => number): Detect<number> =>
  (live, _, told) => {
    const now = reached(live)
    if (told === undefined) return { memory: now }
    if (now <= told) return { memory: told }
    return { memory: now, moment: { subject: '', value: now, before: null } }
  }

/** 10, 50, 100, 500, 1000 … */
export function roundsUpTo(orders: number): number[] {
  const rounds: number[] = []
  for (let power = 1; power * 10 <= orders; power *= 10) {
    for (const round of [10, 50]) if (round * power <= orders) rounds.push(round * power)
  }
  return rounds
}

const ordersOf = ({ live }: LiveView) => live.totals.main_orders ?? 0

/** Remembers every goal reached, by ID: setting one again is no news. Older states hold only the last one. */
const goalReached: Detect<readonly string[] | string> = (live, view, told) => {
  const goal = view.goalOf(live)
  if (goal === undefined) return undefined
  const isReached = goal !== null && goal.value >= goal.target
  if (told === undefined) return { memory: isReached ? [goal.id] : [] }
  const known = typeof told === 'string' ? [told] : told
  if (!isReached || known.includes(goal.id)) return { memory: told }
  return {
    memory: [...known, goal.id],
    moment: { subject: '', value: goal.value, before: goal.target },
  }
}

/** The newest finished minute, if it beats every other one of this LIVE and of the past. */
const recordMinute: Detect<number> = (of, view, judged) => {
  const { live } = of
  const minute = Math.floor(view.now / MINUTE_MS) - 1
  if (judged === undefined || judged >= minute) return { memory: judged ?? minute }
  const records = view.recordsOf(of)
  if (records === undefined) return undefined
  const position = minute - live.minutes_from
  const gmv = cellOf(live.minutes, 'gmv', position)
  const others = (live.minutes.gmv ?? []).filter((value, at) => at < position && value > 0)
  const most = others.reduce((a, b) => Math.max(a, b), records.minute_gmv ?? 0)
  if (others.length < MINUTES_TO_BEAT || gmv <= most) return { memory: minute }
  return { memory: minute, moment: { subject: '', value: gmv, before: most } }
}

const recordViewers: Detect<number> = (live, view, told) => {
  const records = view.recordsOf(live)
  if (records === undefined) return undefined
  const peak = live.live.totals.peak_viewers ?? 0
  const isRecord = records.viewers !== null && peak > records.viewers
  if (told === undefined) return { memory: isRecord ? 1 : 0 }
  // Once: after that each new viewer would be another record.
  if (told === 1 || !isRecord) return { memory: told }
  return { memory: 1, moment: { subject: '', value: peak, before: records.viewers } }
}

/** Far more viewers in the last two minutes than in the ten before. */
const viewerSurge: Detect<number> = (live, view, toldAt) => {
  const now = overMinutes(live, 'average_viewers', 2, view.now).value
  const before = overMinutes(live, 'average_viewers', 10, view.now, 2).value
  const isSurge =
    now !== null && before !== null && now >= before * SURGE_SHARE && now - before >= SURGE_VIEWERS
  if (toldAt === undefined) return { memory: isSurge ? view.now : 0 }
  if (!isSurge || view.now - toldAt < REST_MS) return { memory: toldAt }
  return {
    memory: view.now,
    moment: { subject: '', value: Math.round(now), before: Math.round(before) },
  }
}

interface Leader {
  readonly id: string
  readonly at: number
}

/** Another product brings the most GMV. */
const bestProduct: Detect<Leader> = ({ live }, view, told) => {
  const column = live.products.gmv ?? []
  let best = { gmv: 0, row: -1 }
  let next = 0
  column.forEach((gmv, row) => {
    if (gmv > best.gmv) {
      next = best.gmv
      best = { gmv, row }
    } else if (gmv > next) next = gmv
  })
  const leads = best.row >= 0 && cellOf(live.products, 'sku_orders', best.row) >= SALES_TO_LEAD
  const isFirst = told === undefined
  // Most looks end here: whose row it is takes longer to find.
  if (!isFirst && (!leads || rowOf(live.product_rows, told.id) === best.row))
    return { memory: told }
  const ids = Object.keys(live.product_rows)
  const id = (leads && ids.find((one) => live.product_rows[one] === best.row)) || ''
  if (isFirst) return { memory: { id, at: 0 } }
  if (view.now - told.at < REST_MS) return { memory: told }
  const memory = { id, at: view.now }
  return { memory, moment: { subject: id, value: best.gmv, before: next } }
}

/** Somebody else gave the most diamonds. Only how many: an episode names no person. */
const topGifter: Detect<Leader> = (live, view, told) => {
  const top = view.topGifterOf(live)
  if (top === undefined) return undefined
  const id = top?.mark ?? ''
  if (told === undefined) return { memory: { id, at: 0 } }
  if (!top || id === told.id || view.now - told.at < REST_MS) return { memory: told }
  return {
    memory: { id, at: view.now },
    moment: { subject: '', value: top.diamonds, before: null },
  }
}

/** Tells sold-out products one at a time. Older states hold only the time of the last one. */
const sellOut: Detect<readonly string[] | number> = ({ live }, _, told) => {
  const nameOf = ({ ts, product_id }: Mark) => `${ts} ${product_id}`
  const marks = live.marks.filter(({ kind }) => kind === 'sold_out')
  if (told === undefined) return { memory: marks.map(nameOf) }
  const isTold = (mark: Mark) =>
    typeof told === 'number' ? mark.ts <= told : told.includes(nameOf(mark))
  const next = marks.find((mark) => !isTold(mark))
  if (!next) return { memory: told }
  return {
    memory: marks.filter((mark) => mark === next || isTold(mark)).map(nameOf),
    moment: { subject: next.product_id ?? '', value: null, before: null },
  }
}

// Safe: `detect` gives each one back what it returned.
const remembering = <M>(detector: Detect<M>) => detector as Detect<unknown>

const detects: { readonly [K in InsightKind]: Detect<unknown> } = {
  first_order: remembering(atLeast((live) => Math.min(1, ordersOf(live)))),
  orders: remembering(atLeast((live) => roundsUpTo(ordersOf(live)).at(-1) ?? 0)),
  goal_reached: remembering(goalReached),
  record_minute: remembering(recordMinute),
  record_viewers: remembering(recordViewers),
  viewer_surge: remembering(viewerSurge),
  best_product: remembering(bestProduct),
  top_gifter: remembering(topGifter),
  sell_out: remembering(sellOut),
}

/** What an insight reads of a LIVE; undefined for what time alone changes, and for what is not in the live state. */
export const readsOfInsight: Readonly<Partial<Record<InsightKind, Reads>>> = {
  first_order: { totals: ['main_orders'] },
  orders: { totals: ['main_orders'] },
  sell_out: { parts: ['marks'] },
}

/** Looks for one insight in one LIVE. */
export function detect(
  kind: InsightKind,
  live: LiveView,
  view: View,
  memory: unknown,
): Detected | undefined {
  return detects[kind](live, view, memory)
}
