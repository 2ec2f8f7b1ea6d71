import type { LiveSpan } from '@creatorflow/shared/live-span'
import { zonedAt } from '../../core/zone.ts'

const QUARTER_MS = 900_000

/** What happened in one hour of the week. */
export interface PowerHour {
  readonly weekday: number
  readonly hour: number
  readonly seconds: number
  readonly lives: number
  readonly gmv: number
  readonly main_orders: number
  readonly average_viewers: number | null
}

/** What LIVEs sold in one hour of the week. */
export interface SoldInHour {
  readonly weekday: number
  readonly hour: number
  readonly gmv: number
  readonly main_orders: number
  readonly viewer_minutes: number
  readonly viewer_minute_sum: number
}

export interface Range {
  readonly from: number
  readonly to: number
}

interface Sums {
  seconds: number
  gmv: number
  main_orders: number
  viewer_minutes: number
  viewer_minute_sum: number
  readonly lives: Set<string>
}

/**
 * Sums by hour of the week in a zone. An hour that comes twice when clocks change counts with both its air
 * times, so a value per hour on air stays true. Every zone in use is a multiple of 15 min from UTC.
 */
export function powerHoursOf(
  sold: readonly SoldInHour[],
  lives: readonly (Pick<LiveSpan, 'session_id' | 'started_at'> & { readonly ended_at: number })[],
  { from, to }: Range,
  timeZone: string,
): PowerHour[] {
  const hours = new Map<number, Sums>()
  const hourOfWeek = hoursOfWeek(timeZone)
  const sumsOf = (key: number): Sums => {
    const known = hours.get(key) ?? emptySums()
    hours.set(key, known)
    return known
  }
  for (const { weekday, hour, ...added } of sold) {
    const sums = sumsOf((weekday - 1) * 24 + hour)
    sums.gmv += added.gmv
    sums.main_orders += added.main_orders
    sums.viewer_minutes += added.viewer_minutes
    sums.viewer_minute_sum += added.viewer_minute_sum
  }
  let covered = from
  const ordered = [...lives].sort((a, b) => a.started_at - b.started_at)
  for (const { session_id, started_at, ended_at } of ordered) {
    const until = Math.min(ended_at, to)
    for (let at = quarterOf(Math.max(started_at, from)); at < until; at += QUARTER_MS) {
      const sums = sumsOf(hourOfWeek(at))
      sums.lives.add(session_id)
      // Two simultaneous LIVEs are one time on air.
      const since = Math.max(at, started_at, covered)
      sums.seconds += Math.max(0, Math.min(at + QUARTER_MS, until) - since) / 1000
    }
    covered = Math.max(covered, until)
  }
  return [...hours].sort(([a], [b]) => a - b).map(([key, sums]) => powerHour(key, sums))
}

function emptySums(): Sums {
  return {
    seconds: 0,
    gmv: 0,
    main_orders: 0,
    viewer_minutes: 0,
    viewer_minute_sum: 0,
    lives: new Set(),
  }
}

function powerHour(
  key: number,
  { lives, viewer_minutes, viewer_minute_sum, ...sums }: Sums,
): PowerHour {
  return {
    weekday: Math.floor(key / 24) + 1,
    hour: key % 24,
    lives: lives.size,
    ...sums,
    average_viewers: viewer_minutes > 0 ? viewer_minute_sum / viewer_minutes / 1_000 : null,
  }
}

const quarterOf = (ts: number): number => Math.floor(ts / QUARTER_MS) * QUARTER_MS

/** The hour of the week of an instant in a zone: 0 is Monday's first. */
function hoursOfWeek(timeZone: string): (ts: number) => number {
  const known = new Map<number, number>()
  return (ts) => {
    const quarter = quarterOf(ts)
    let hourOfWeek = known.get(quarter)
    if (hourOfWeek === undefined) {
      const { dayOfWeek, hour } = zonedAt(quarter, timeZone)
      hourOfWeek = (dayOfWeek - 1) * 24 + hour
      known.set(quarter, hourOfWeek)
    }
    return hourOfWeek
  }
}
