import { MINUTE_MS, type PauseMark } from './live-state.ts'

/** How long the last viewer report stands in for missing ones. */
export const VIEWERS_REPEAT_MINUTES = 5

/** Reports within one minute while the LIVE was on air. */
export interface ViewerReports {
  readonly reports: number
  /** Sum of the reported numbers of viewers. */
  readonly sum: number
}

/** When a LIVE was on air. Times are epoch ms. */
export interface OnAir {
  readonly started_at: number
  readonly ended_at: number | null
  readonly last_at: number
  readonly pauses: readonly PauseMark[]
}

/**
 * The viewers of each epoch minute on air, in thousandths so that sums are exact: the mean of its reports,
 * else the last one, for five minutes at most. Paused minutes and minutes outside the LIVE have none.
 */
export function viewersByMinute(
  live: OnAir,
  reported: ReadonlyMap<number, ViewerReports>,
): Map<number, number> {
  const isOnAir = onAirOf(live)
  const known = [...reported]
    .filter(([minute, { reports }]) => reports > 0 && isOnAir(minute))
    .sort(([a], [b]) => a - b)
  const viewers = new Map<number, number>()
  for (const [at, [minute, { reports, sum }]] of known.entries()) {
    const mean = Math.round((1_000 * sum) / reports)
    const next = known[at + 1]?.[0] ?? Number.POSITIVE_INFINITY
    const last = Math.min(next - 1, minute + VIEWERS_REPEAT_MINUTES)
    for (let each = minute; each <= last; each++) if (isOnAir(each)) viewers.set(each, mean)
  }
  return viewers
}

/** The inputs of average viewers. */
export function viewerInputs(viewers: Iterable<number>) {
  const inputs = { viewer_minutes: 0, viewer_minute_sum: 0 }
  for (const milli of viewers) {
    inputs.viewer_minutes++
    inputs.viewer_minute_sum += milli
  }
  return inputs
}

/** Whether a LIVE was on air in a part of a minute. */
function onAirOf({ started_at, ended_at, last_at, pauses }: OnAir): (minute: number) => boolean {
  const stretches: [from: number, to: number][] = []
  // For an unfinished LIVE the last sign of life is on air.
  const until = ended_at ?? last_at + 1
  let since: number | null = started_at
  for (const { ts, paused } of pauses) {
    const at = Math.min(Math.max(ts, started_at), until)
    if (paused && since !== null) {
      stretches.push([since, at])
      since = null
    } else if (!paused) since ??= at
  }
  if (since !== null) stretches.push([since, until])
  return (minute) =>
    stretches.some(
      ([from, to]) => Math.max(from, minute * MINUTE_MS) < Math.min(to, (minute + 1) * MINUTE_MS),
    )
}
