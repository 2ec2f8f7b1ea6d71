import type { Numbers, Telemetry } from '../../core/telemetry.ts'

const tableOf = (watches: readonly string[]) =>
  ({
    watched_creators: {
      kind: 'gauge',
      help: 'Creators watched by a feature on this process',
      labels: { watch: watches },
    },
    watches_waiting: {
      kind: 'gauge',
      help: 'Creators a feature wants to watch that are not followed yet',
      labels: { watch: watches },
    },
    watch_lag_seconds: {
      kind: 'gauge',
      help: 'Longest overdue check of a watched creator',
      labels: { watch: watches },
    },
    watch_looks_total: {
      kind: 'counter',
      help: 'Checks of watched creators, by outcome',
      labels: { watch: watches, outcome: ['done', 'failed'] },
    },
  }) as const

export type WatchNumbers = Numbers<ReturnType<typeof tableOf>>

/** What `/metrics` shows of these watches. */
export function countWatches(telemetry: Telemetry, names: readonly string[]): WatchNumbers {
  return telemetry.with(tableOf(names))
}
