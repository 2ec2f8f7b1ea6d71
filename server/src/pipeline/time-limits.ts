import type { RejectCode } from '@creatorflow/shared/errors'

const FUTURE_MS = 10 * 60_000
const EARLIEST_MS = Date.UTC(2016, 0, 1)

export interface TimeLimits {
  /** Epoch ms, the database's clock. */
  readonly now: number
  /** Earlier events are no longer accepted; epoch ms. */
  readonly acceptsSince: number
}

/** Why an event of this time is rejected; undefined if it is accepted. */
export function timeFlaw(
  ts: number,
  { now, acceptsSince }: TimeLimits,
): { readonly code: RejectCode; readonly message: string } | undefined {
  if (ts > now + FUTURE_MS) {
    const message = `ts is ${iso(ts)}, more than 10 min ahead of ${iso(now)}`
    return { code: 'ts_future', message }
  }
  if (ts < EARLIEST_MS) {
    const message = `ts is ${iso(ts)}, before 2016: is it in seconds instead of milliseconds?`
    return { code: 'ts_too_old', message }
  }
  if (ts < acceptsSince) {
    const message = `ts is ${iso(ts)}; only events since ${iso(acceptsSince)} are accepted (RETENTION_DAYS)`
    return { code: 'beyond_retention', message }
  }
  return undefined
}

/** A time in words. A sender may write any number: one past what a date can be stays a number. */
export function iso(ms: number): string {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? `${ms}` : date.toISOString()
}
