import { endOf } from '../live-span.ts'
import { type LiveEntry, type Mark, MINUTE_MS, stateLimits } from '../live-state.ts'
import { countsOf, type MinuteRange, minutesOf, viewersOf } from './by-minute.ts'

export interface Minute {
  /** Epoch minute. */
  readonly minute: number
  readonly gmv: number
  /** Average number of viewers; null without reports. */
  readonly viewers: number | null
}

/** The minutes from a LIVE's start to its end, or to now. */
export function rangeOf(live: LiveEntry, now: number): MinuteRange {
  return minutesOf({ started_at: live.started_at, ended_at: endOf(live, now) }, now)
}

/** The minutes with the most GMV, best first; none without any. */
export function bestMinutes(live: LiveEntry, now: number, most = 3): Minute[] {
  return everyMinute(live, now)
    .filter(({ gmv }) => gmv > 0)
    .sort((a, b) => b.gmv - a.gmv || a.minute - b.minute)
    .slice(0, most)
}

/**
 * The minutes that sold least; of equal ones those with most viewers first. Only whole minutes count: not the
 * first and last one, nor one that was paused or not seen.
 */
export function worstMinutes(live: LiveEntry, now: number, most = 3): Minute[] {
  const { first, last } = rangeOf(live, now)
  const hidden = [...pausesOf(live, now), ...gapsOf(live, now)]
  return everyMinute(live, now)
    .filter(({ minute }) => minute > first && minute < last)
    .filter(({ minute }) => {
      const [from, to] = [minute * MINUTE_MS, (minute + 1) * MINUTE_MS]
      return !hidden.some((span) => span.from < to && span.to > from)
    })
    .sort((a, b) => a.gmv - b.gmv || (b.viewers ?? 0) - (a.viewers ?? 0) || a.minute - b.minute)
    .slice(0, most)
}

function everyMinute(live: LiveEntry, now: number): Minute[] {
  const range = rangeOf(live, now)
  const viewers = viewersOf(live, range)
  return countsOf(live, 'gmv', range).map((gmv, index) => ({
    minute: range.first + index,
    gmv,
    viewers: viewers[index] ?? null,
  }))
}

interface Span {
  readonly from: number
  readonly to: number
}

function pausesOf(live: LiveEntry, now: number): Span[] {
  const end = endOf(live, now) ?? now
  return live.pauses.flatMap((mark, index) =>
    mark.paused ? [{ from: mark.ts, to: live.pauses[index + 1]?.ts ?? end }] : [],
  )
}

/** Gaps between start and end, in order, overlaps merged. */
export function gapsOf(live: LiveEntry, now: number): Span[] {
  const end = endOf(live, now) ?? now
  const spans = live.marks
    .filter((mark): mark is Mark & { until: number } => mark.kind === 'gap' && mark.until != null)
    .map(({ ts, until }) => ({ from: Math.max(ts, live.started_at), to: Math.min(until, end) }))
    .filter(({ from, to }) => to > from)
    .sort((a, b) => a.from - b.from)
  const merged: { from: number; to: number }[] = []
  for (const span of spans) {
    const before = merged.at(-1)
    if (before && span.from <= before.to) before.to = Math.max(before.to, span.to)
    else merged.push({ ...span })
  }
  return merged
}

/** How much of a LIVE was not seen. */
export function unseenOf(live: LiveEntry, now: number): { seconds: number; atLeast: boolean } {
  const ms = gapsOf(live, now).reduce((all, { from, to }) => all + to - from, 0)
  // Only so many marks are kept: there may have been more gaps before.
  return { seconds: Math.round(ms / 1000), atLeast: live.marks.length >= stateLimits.marks }
}
