import { OPEN_LIVE_MS, SERIES_GRACE_MS } from './live-state.ts'

/** When a LIVE was on air, as far as known. Times are epoch ms. */
export interface LiveSpan {
  readonly session_id: string
  readonly started_at: number
  readonly ended_at: number | null
  readonly last_at: number
}

/** The derived end: `live_ended`, else the last sign of life once it is 30 min old; null while open. */
export function endOf(live: Omit<LiveSpan, 'session_id'>, now: number): number | null {
  if (live.ended_at !== null) return live.ended_at
  return now - live.last_at > OPEN_LIVE_MS ? live.last_at : null
}

/** How far the series of a LIVE reach: past its end, or as far as an open LIVE covers. Epoch ms. */
export function seriesEndOf(live: Pick<LiveSpan, 'ended_at' | 'last_at'>): number {
  return live.ended_at !== null ? live.ended_at + SERIES_GRACE_MS : live.last_at + OPEN_LIVE_MS
}

/**
 * The latest-started LIVE that covers a time. `lives`, in any order, must hold every LIVE that started at or
 * before `ts` since the earliest one that may cover it. An open LIVE covers until the next start, at most 30
 * min past its last sign of life.
 */
export function liveAt<S extends LiveSpan>(lives: Iterable<S>, ts: number): S | undefined {
  const started = [...lives].filter((live) => live.started_at <= ts)
  started.sort((a, b) => b.started_at - a.started_at || (a.session_id < b.session_id ? 1 : -1))
  return started.find((live, index) =>
    live.ended_at !== null ? ts < live.ended_at : index === 0 && ts <= live.last_at + OPEN_LIVE_MS,
  )
}
