import { Cron } from 'croner'

/** When a job is due: a pattern of five fields in a time zone. Pure but for the zone data of the runtime. */
export interface Due {
  /** The first time after this one; epoch ms. */
  next(after: number): number
  /** The last time within `(since, until]`; what was due before it is left out. Undefined when there is none. */
  last(since: number, until: number): number | undefined
}

/** Throws for a pattern that cannot be read or is never due. A time that a clock change skips is due when it ends; one that comes twice is due once. */
export function dueOf(cron: string, timeZone: string): Due {
  const schedule = new Cron(cron, { timezone: timeZone, paused: true, mode: '5-part' })
  return {
    next(after) {
      const next = schedule.nextRun(new Date(after))
      if (!next) throw new Error(`"${cron}" is never due`)
      return next.getTime()
    },
    last(since, until) {
      // The time itself counts, and croner looks before the one it is given.
      const [last] = schedule.previousRuns(1, new Date(until + 1_000))
      const at = last?.getTime()
      if (at === undefined || at > until || at <= since) return undefined
      return at
    },
  }
}
