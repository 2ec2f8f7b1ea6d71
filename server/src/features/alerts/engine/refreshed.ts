/** Values per key, read in the background: undefined until the first read, later the last one that succeeded. */
export type Refreshed<T> = (key: string) => T | undefined

/** How many keys are remembered: LIVEs of one creator at once. */
const MOST_KEYS = 16
const RETRY_MS = 5_000

export function createRefreshed<T>(
  everyMs: number,
  read: (key: string) => Promise<T>,
  monotonic: () => number = () => performance.now(),
): Refreshed<T> {
  const known = new Map<string, { value: T | undefined; dueAt: number }>()
  return (key) => {
    let entry = known.get(key)
    if (!entry) {
      const [oldest] = known.keys()
      if (known.size >= MOST_KEYS && oldest !== undefined) known.delete(oldest)
      entry = { value: undefined, dueAt: 0 }
      known.set(key, entry)
    }
    const of = entry
    if (monotonic() >= of.dueAt) {
      of.dueAt = monotonic() + everyMs
      read(key).then(
        (value) => {
          of.value = value
        },
        () => {
          of.dueAt = monotonic() + RETRY_MS
        },
      )
    }
    return of.value
  }
}
