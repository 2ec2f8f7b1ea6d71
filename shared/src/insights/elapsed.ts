import { MINUTE_MS } from '../live-state.ts'

/** How far a LIVE is: whole clock minutes since its first one, and how much of the current one is over. */
export interface Elapsed {
  readonly minute: number
  /** 0 to 1. */
  readonly fraction: number
}

/** By elapsed minute; null if there is no value. */
export type Course = readonly (number | null)[]

export function elapsedOf(
  live: { readonly started_at: number; readonly ended_at: number | null },
  now: number,
): Elapsed {
  const at = Math.max(live.ended_at ?? now, live.started_at)
  const minute = Math.floor(at / MINUTE_MS)
  return {
    minute: minute - Math.floor(live.started_at / MINUTE_MS),
    fraction: (at % MINUTE_MS) / MINUTE_MS,
  }
}

/**
 * A total at the same moment: between its values at the start and end of the minute. Otherwise every
 * comparison would be unfair to the young minute and jump at its end. Null past the end of the course.
 */
export function totalAt(
  course: Course,
  { minute, fraction }: Elapsed,
  startsAt: number | null,
): number | null {
  const after = course[minute]
  if (after === undefined || after === null) return null
  const before = minute === 0 ? startsAt : (course[minute - 1] ?? null)
  return before === null ? after : before + (after - before) * fraction
}
