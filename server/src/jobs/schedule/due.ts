import { Cron } from 'croner'

/** When a job is due: a pattern of five fields in a time zone. Pure except for the runtime's zone data. */
export interface Due {
  /** The first time after this one; epoch ms. */
  next(after: number): number
  /** The last time within `(since, until]`; earlier due times are skipped. Undefined if there is none. */
  last(since: number, until: number): number | undefined
}

/**
 * Throws for a pattern that is invalid or never due. A time skipped by a clock change is due when it ends;
 * one that comes twice is due once.
 */
export function dueOf(cron: string, timeZone: string): Due {
  const schedule = new Cron(cron, { timezone: timeZone, paused: true, mode: '5-part' })
  return {
    next(after) {
      const next = schedule.nextRun(new Date(after))
      if (!next) throw new Error(`"${cron}" is never due`)
      return next.getTime()
    },
    last(since, until) {
      // The given time itself counts, and croner looks before it.
      const [last] = schedule.previousRuns(1, new Date(until + 1_000))
      const at = last?.getTime()
      if (at === undefined || at > until || at <= since) return undefined
      return at
    },
  }
}
