import { cellOf } from './columns.ts'
import { endOf } from './live-span.ts'
import {
  type DayState,
  type Excluded,
  type LiveDetail,
  type LiveSummary,
  MINUTE_MS,
  type Minutes,
  type PauseMark,
  TEN_SECONDS_MS,
} from './live-state.ts'
import {
  type BaseMetric,
  basesOf,
  type DerivedMetric,
  derive,
  isOfViewerMinutes,
  type MetricId,
  type MetricScope,
  metricIds,
  metrics,
} from './metrics.ts'
import { viewerInputs, viewersByMinute } from './viewer-minutes.ts'

/** How far a number can be trusted: the platform's own figures may still differ. */
export type Stage = 'estimate'

/** One number as a screen shows it; null always comes with the reason. */
export type Reading =
  | { readonly value: number; readonly stage: Stage; readonly reason?: undefined }
  | { readonly value: null; readonly stage: Stage; readonly reason: string }

export type Readings = Partial<Record<MetricId, Reading>>

export type LiveStatus = 'live' | 'paused' | 'ended'

export interface PresentedLive {
  readonly session_id: string
  readonly title?: string
  readonly status: LiveStatus
  readonly started_at: number
  readonly inferred: boolean
  /** Epoch ms; null while on air. */
  readonly ended_at: number | null
  /** Seconds on air so far without pauses; null if there were more pauses than are kept. */
  readonly seconds: number | null
  /** When it was paused and resumed, in order of time. */
  readonly pauses: readonly PauseMark[]
  readonly metrics: Readings
  readonly excluded: Readonly<Record<string, Excluded>>
  /** Events that belong to this LIVE only by their time. */
  readonly estimated: number
}

export interface FunnelStep {
  readonly id: MetricId
  /** Null if this step is not reported though a later one is. */
  readonly value: number | null
  /** Share of the nearest earlier step that is reported. */
  readonly rate: number | null
}

const QUARTER_MS = 15 * 60_000
let lastDay = { quarter: Number.NaN, timeZone: '', day: '' }

/** The local date of an instant, `YYYY-MM-DD`. Every zone in use is a multiple of 15 min from UTC. */
export function localDay(ts: number, timeZone: string): string {
  // Called event by event, and most follow each other closely: formatting costs as much as counting one.
  const quarter = Math.floor(ts / QUARTER_MS)
  if (quarter !== lastDay.quarter || timeZone !== lastDay.timeZone) {
    lastDay = { quarter, timeZone, day: dayFormat(timeZone).format(ts) }
  }
  return lastDay.day
}

const dayFormats = /* @__PURE__ */ new Map<string, Intl.DateTimeFormat>()
function dayFormat(timeZone: string): Intl.DateTimeFormat {
  let format = dayFormats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    })
    dayFormats.set(timeZone, format)
  }
  return format
}

/** Everything about a LIVE that depends on the current time: status, length, ratios, staleness. */
export function presentLive(live: WithMinutes, now: number): PresentedLive {
  const ended_at = endOf(live, now)
  const seconds = secondsOnAir(live, ended_at ?? now)
  const last = live.pauses.at(-1)
  const status = ended_at !== null ? 'ended' : last?.paused ? 'paused' : 'live'
  const inputs: Record<string, number> = { ...viewerInputsOf(live), live_seconds: seconds ?? 0 }
  const values = (id: string): number => inputs[id] ?? live.totals[id as MetricId] ?? 0
  const readings = readingsOf('live', values)
  if (!areMinutesWhole(live)) {
    for (const id of metricIds.filter(isOfViewerMinutes)) readings[id] = minutesMissing
  }
  const { uncounted = [] } = live
  for (const id of uncounted.length > 0 ? metricIds : []) {
    if (readings[id] && basesOf(id).some((base) => uncounted.includes(base))) {
      readings[id] = notCounted
    }
  }
  readings.viewers_now = viewersNow(live, status, now)
  return {
    session_id: live.session_id,
    ...(live.title !== undefined && { title: live.title }),
    status,
    started_at: live.started_at,
    inferred: live.inferred,
    ended_at,
    seconds,
    pauses: live.pauses,
    metrics: readings,
    excluded: live.excluded,
    estimated: live.estimated,
  }
}

/** Why a number is not known, where its metric does not say; `#` is how many minutes. */
export const unknownReasons = {
  dropped: 'this LIVE is older than the metric: its events were dropped before it was counted',
  history: 'available in the history of the LIVE only',
  unreported: 'no viewer counts reported yet',
  ended: 'the LIVE has ended',
  old: 'last reported # min ago',
} as const

const notCounted: Reading = {
  value: null,
  stage: 'estimate',
  reason: unknownReasons.dropped,
}

const minutesMissing: Reading = {
  value: null,
  stage: 'estimate',
  reason: unknownReasons.history,
}

type WithMinutes = LiveSummary & Partial<Minutes>

/** Whether all minutes of a LIVE are available; those of other LIVEs are not sent, and only a day of them is held. */
function areMinutesWhole({ minutes_from, started_at }: WithMinutes): boolean {
  return minutes_from !== undefined && minutes_from <= Math.floor(started_at / MINUTE_MS)
}

function viewerInputsOf(live: WithMinutes) {
  const { minutes = {}, minutes_from = 0 } = live
  const reported = (minutes.viewer_samples ?? []).map(
    (reports, at) =>
      [minutes_from + at, { reports, sum: cellOf(minutes, 'viewer_sample_sum', at) }] as const,
  )
  return viewerInputs(viewersByMinute(live, new Map(reported)).values())
}

/** The metrics of one local day; a day without events reads 0. */
export function presentDay(day: DayState | undefined): Readings {
  const readings = readingsOf('day', (id) => day?.totals[id as MetricId] ?? 0)
  // A day has no minutes.
  if (day?.totals.viewer_samples) readings.average_viewers = minutesMissing
  return readings
}

function readingsOf(scope: MetricScope, values: (id: string) => number): Readings {
  const readings: Readings = {}
  for (const id of metricIds) {
    const metric = metrics[id] as BaseMetric | DerivedMetric
    if (!metric.scopes.includes(scope) || metric.merge === 'last') continue
    if (metric.merge !== 'derived') {
      readings[id] = { value: values(id), stage: 'estimate' }
      continue
    }
    const result = derive(metric.derive, values)
    readings[id] = { ...result, stage: 'estimate' }
  }
  return readings
}

function viewersNow(live: LiveSummary, status: LiveStatus, now: number): Reading {
  const stage = 'estimate'
  if (!live.viewers_now) return { value: null, stage, reason: unknownReasons.unreported }
  if (status === 'ended') return { value: null, stage, reason: unknownReasons.ended }
  const ageMs = now - live.viewers_now.ts
  if (ageMs > (metrics.viewers_now.staleAfterMs ?? Number.POSITIVE_INFINITY)) {
    const minutes = Math.floor(ageMs / MINUTE_MS)
    return { value: null, stage, reason: unknownReasons.old.replace('#', String(minutes)) }
  }
  return { value: live.viewers_now.value, stage }
}

/** Seconds on air up to `until` (epoch ms) without pauses; null if there were more pauses than are kept. */
export function secondsOnAir(
  live: Pick<LiveSummary, 'started_at' | 'pauses' | 'pauses_complete'>,
  until: number,
): number | null {
  if (!live.pauses_complete) return null
  let pausedMs = 0
  let pausedAt: number | null = null
  for (const { ts, paused } of live.pauses) {
    const at = Math.min(Math.max(ts, live.started_at), until)
    if (paused) pausedAt ??= at
    else if (pausedAt !== null) {
      pausedMs += at - pausedAt
      pausedAt = null
    }
  }
  if (pausedAt !== null) pausedMs += Math.max(0, until - pausedAt)
  return Math.max(0, until - live.started_at - pausedMs) / 1000
}

/** Impressions → views → product clicks → carts → checkouts → paid orders. */
export const funnelSteps = [
  'live_impressions',
  'views',
  'product_clicks',
  'add_to_carts',
  'checkouts',
  'main_orders',
] as const satisfies readonly MetricId[]

/** What is kept of these steps by product: views belong to the room, carts to no product. */
export const productFunnelSteps = [
  'product_impressions',
  'product_clicks',
  'checkouts',
  'sku_orders',
] as const satisfies readonly MetricId[]

/** The funnel of one scope; an unreported step is null and skipped by the rates. */
export function funnelOf(
  totals: Readonly<Partial<Record<MetricId, number>>>,
  steps: readonly MetricId[] = funnelSteps,
): FunnelStep[] {
  let previous: number | null = null
  return steps.map((id, index) => {
    const count = totals[id] ?? 0
    const later = steps.slice(index + 1).some((next) => (totals[next] ?? 0) > 0)
    if (count === 0 && later) return { id, value: null, rate: null }
    const rate: number | null = previous ? count / previous : null
    previous = count
    return { id, value: count, rate }
  })
}

/** Sum of a series metric over the last minute before `now`, from the 10-second buckets. */
export function lastMinute(
  { tens, tens_from }: Pick<LiveDetail, 'tens' | 'tens_from'>,
  metric: MetricId,
  now: number,
): number {
  const current = Math.floor(now / TEN_SECONDS_MS)
  let sum = 0
  for (let key = current - 5; key <= current; key++) {
    sum += cellOf(tens, metric, key - tens_from)
  }
  return sum
}
