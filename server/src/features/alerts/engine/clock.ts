/** The database's time, known without asking it each time. */
export interface DatabaseClock {
  /** Epoch ms; undefined before the first beat. It goes on while the database is away, and no node's own clock moves it. */
  now(): number | undefined
  /** The database said that it is `at`, epoch ms; it was asked at `askedAt`, by `performance.now()`. */
  beat(at: number, askedAt: number): void
}

export function createDatabaseClock(
  monotonic: () => number = () => performance.now(),
): DatabaseClock {
  /** Database time minus monotonic time. */
  let offset: number | undefined
  return {
    now: () => (offset === undefined ? undefined : Math.round(monotonic() + offset)),
    beat(at, askedAt) {
      // Half of the round trip: nobody knows on which way it was longer.
      offset = at - (askedAt + monotonic()) / 2
    },
  }
}
