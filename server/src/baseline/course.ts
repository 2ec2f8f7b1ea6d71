import type { EventType } from '@creatorflow/shared/event-types'
import { baselineLimits } from '@creatorflow/shared/features/baseline'
import { type Feed, feedsByType, refuseUnknown } from '@creatorflow/shared/feeds'
import { MINUTE_MS, type PauseMark } from '@creatorflow/shared/live-state'
import {
  derive,
  type IncrementColumn,
  type LevelColumn,
  type MetricId,
  metricIds,
  metricOf,
} from '@creatorflow/shared/metrics'
import { secondsOnAir } from '@creatorflow/shared/present'
import { viewersByMinute } from '@creatorflow/shared/viewer-minutes'

/** What the events of one type add in one minute. */
export type MinuteRow = Readonly<Record<IncrementColumn, number>> &
  Readonly<Record<LevelColumn, number | null>> & {
    /** Epoch ms. */
    readonly minute: number
    readonly type: EventType
  }

/** When a LIVE was on air, epoch ms. */
export interface PastLive {
  readonly session_id: string
  readonly started_at: number
  /** Null while it is on air. */
  readonly ended_at: number | null
  readonly pauses: readonly PauseMark[]
  readonly pauses_complete: boolean
}

export type Values = readonly (number | null)[]
export type Courses = Readonly<Partial<Record<MetricId, Values>>>

/** A LIVE by elapsed minute: what each minute added, and the totals at its end. */
export interface LiveCourse {
  readonly length: number
  readonly minutes: Courses
  readonly totals: Courses
  /** The totals including what came after its last minute, as far as rows say: base metrics only. */
  readonly settled: Readonly<Partial<Record<MetricId, number>>>
}

/** Metrics with a total in a LIVE, in catalogue order. */
const totalIds = metricIds.filter((id) => {
  const metric = metricOf(id)
  return metric.scopes.includes('live') && metric.merge !== 'last'
})

/** The epoch minute in which a LIVE started: its elapsed minute 0. */
export const firstMinuteOf = ({ started_at }: Pick<PastLive, 'started_at'>): number =>
  Math.floor(started_at / MINUTE_MS)

/** How many elapsed minutes a LIVE has by `now`. */
export function lengthOf(live: Pick<PastLive, 'started_at' | 'ended_at'>, now: number): number {
  const last = Math.floor(Math.max(live.ended_at ?? now, live.started_at) / MINUTE_MS)
  return Math.min(last - firstMinuteOf(live) + 1, baselineLimits.minutes)
}

/** The course of a LIVE from the sums of its minutes, by the fold's catalogue. */
export function courseOf(live: PastLive, rows: readonly MinuteRow[], now: number): LiveCourse {
  const first = firstMinuteOf(live)
  const length = lengthOf(live, now)
  const zeros = () => new Array<number>(length).fill(0)
  const series = new Map<MetricId, number[]>()
  const totals = new Map<MetricId, number[]>()
  const after = new Map<MetricId, number[]>()
  const columnOf = (of: Map<MetricId, number[]>, id: MetricId): number[] => {
    const known = of.get(id) ?? zeros()
    of.set(id, known)
    return known
  }
  for (const row of rows) {
    const elapsed = row.minute / MINUTE_MS - first
    refuseUnknown(row.type)
    const feeds = feedsByType[row.type]
    if (elapsed >= length) {
      for (const feed of feeds.totals.live) take(columnOf(after, feed.id), 0, feed, row)
      continue
    }
    for (const feed of feeds.totals.live)
      take(columnOf(totals, feed.id), Math.max(elapsed, 0), feed, row)
    if (elapsed < 0) continue
    for (const { id, columns } of feeds.minutes) {
      take(columnOf(series, id), elapsed, { id, max: false, columns }, row)
    }
  }
  for (const [id, values] of totals) accumulate(values, metricOf(id).merge === 'max')
  const settled = [...new Set([...totals.keys(), ...after.keys()])].map((id) => {
    const parts = [totals.get(id)?.at(-1) ?? 0, after.get(id)?.[0] ?? 0] as const
    return [id, metricOf(id).merge === 'max' ? Math.max(...parts) : parts[0] + parts[1]] as const
  })
  const derived = derivedTotals(live, totals, length, now)
  return {
    length,
    minutes: { ...notEmpty(series), ...viewersOf(series) },
    totals: { ...notEmpty(totals), ...derived },
    settled: Object.fromEntries(settled),
  }
}

function take(values: number[], at: number, { max, columns }: Feed, row: MinuteRow): void {
  const added = columns.reduce((sum, column) => sum + (row[column] ?? 0), 0)
  const before = values[at] ?? 0
  values[at] = max ? Math.max(before, added) : before + added
}

function accumulate(values: number[], max: boolean): void {
  for (let at = 1; at < values.length; at++) {
    const [before = 0, now = 0] = [values[at - 1], values[at]]
    values[at] = max ? Math.max(before, now) : before + now
  }
}

function notEmpty(of: ReadonlyMap<MetricId, number[]>): Courses {
  return Object.fromEntries([...of].filter(([, values]) => values.some((value) => value !== 0)))
}

/** Average viewers of each minute; a hole without reports. */
function viewersOf(series: ReadonlyMap<MetricId, number[]>): Courses {
  const samples = series.get('viewer_samples')
  if (!samples?.some((count) => count > 0)) return {}
  const sums = series.get('viewer_sample_sum') ?? []
  const average = samples.map((count, at) => (count > 0 ? short((sums[at] ?? 0) / count) : null))
  return { average_viewers: average }
}

function derivedTotals(
  live: PastLive,
  totals: ReadonlyMap<MetricId, number[]>,
  length: number,
  now: number,
): Courses {
  const end = live.ended_at ?? now
  const secondsAt = Array.from({ length }, (_, at) => {
    const minuteEnds = (firstMinuteOf(live) + at + 1) * MINUTE_MS
    return secondsOnAir(live, Math.min(minuteEnds, end)) ?? 0
  })
  const viewers = viewersSoFar(live, totals, length, end)
  const courses: [MetricId, Values][] = totalIds.flatMap((id) => {
    const metric = metricOf(id)
    if (metric.merge !== 'derived') return []
    const values = secondsAt.map((seconds, at) => {
      const { value } = derive(metric.derive, (base) =>
        base === 'live_seconds'
          ? seconds
          : (viewers[at]?.[base as 'viewer_minutes'] ?? totals.get(base as MetricId)?.[at] ?? 0),
      )
      return value === null ? null : short(value)
    })
    return [[id, values]]
  })
  return Object.fromEntries(courses.filter(([, values]) => values.some((value) => value)))
}

/** The parts of average viewers at the end of each elapsed minute. */
function viewersSoFar(
  live: PastLive,
  totals: ReadonlyMap<MetricId, number[]>,
  length: number,
  end: number,
) {
  const first = firstMinuteOf(live)
  const added = (id: MetricId, at: number) => {
    const values = totals.get(id)
    return (values?.[at] ?? 0) - (values?.[at - 1] ?? 0)
  }
  const reported = Array.from({ length }, (_, at) => {
    const sums = { reports: added('viewer_samples', at), sum: added('viewer_sample_sum', at) }
    return [first + at, sums] as const
  })
  const onAir = { ...live, ended_at: end, last_at: end }
  const viewers = viewersByMinute(onAir, new Map(reported))
  const soFar = { viewer_minutes: 0, viewer_minute_sum: 0 }
  return Array.from({ length }, (_, at) => {
    const milli = viewers.get(first + at)
    if (milli !== undefined) {
      soFar.viewer_minutes++
      soFar.viewer_minute_sum += milli
    }
    return { ...soFar }
  })
}

/** A millionth is less than any screen shows; unrounded ratios would double the answer's size. */
export const short = (value: number): number => Math.round(value * 1e6) / 1e6
