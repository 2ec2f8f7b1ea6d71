/** The value below which `share` (0 to 1) of the values lie, by nearest rank; null if there are none. */
export function percentile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] as number
}

/** The middle value, or the mean of the two in the middle; null if there are none. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] as number
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2
}

/** Median over median: one disturbed round moves neither. Null if a side is empty or the divisor is 0. */
export function ratioOfMedians(
  values: readonly number[],
  others: readonly number[],
): number | null {
  const [above, below] = [median(values), median(others)]
  return above === null || !below ? null : above / below
}

/** Counts of values in steps of equal width, for more values than one wants to keep. */
export interface Histogram {
  add(value: number, times?: number): void
  readonly count: number
  /** Upper edge of the step that contains the percentile; null if nothing was added. */
  percentile(share: number): number | null
}

/** Values from `steps × width` on are in the last step: a percentile there means "at least". */
export function createHistogram(width: number, steps: number): Histogram {
  const counts = new Float64Array(steps)
  let count = 0
  return {
    add(value, times = 1) {
      const step = Math.min(steps - 1, Math.max(0, Math.floor(value / width)))
      counts[step] = (counts[step] as number) + times
      count += times
    },
    get count() {
      return count
    },
    percentile(share) {
      if (count === 0) return null
      let seen = 0
      for (let step = 0; step < steps; step++) {
        seen += counts[step] as number
        if (seen >= count * share) return (step + 1) * width
      }
      return steps * width
    },
  }
}

/** When one screen received the log up to `to`; times are ms of one clock for all processes. */
export interface Arrival {
  readonly to: number
  readonly at: number
}

/**
 * The time from each event to each screen. `due[n]` is when the event of seq `first + n` was due; `screens`
 * has each screen's arrivals in order. Events that no arrival covers are not counted.
 */
export function latencies(
  due: ArrayLike<number>,
  first: number,
  screens: readonly (readonly Arrival[])[],
): Histogram {
  const histogram = createHistogram(0.5, 120_000)
  for (const arrivals of screens) {
    let next = first
    for (const { to, at } of arrivals) {
      for (; next <= to && next - first < due.length; next++) {
        histogram.add(at - (due[next - first] as number))
      }
    }
  }
  return histogram
}
