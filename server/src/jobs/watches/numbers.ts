import type { Numbers, Telemetry } from '../../core/telemetry.ts'

const tableOf = (watches: readonly string[]) =>
  ({
    watched_creators: {
      kind: 'gauge',
      help: 'Creators that this process watches for a feature',
      labels: { watch: watches },
    },
    watches_waiting: {
      kind: 'gauge',
      help: 'Creators that a feature wants to watch and that are not followed yet',
      labels: { watch: watches },
    },
    watch_lag_seconds: {
      kind: 'gauge',
      help: 'How late a feature is with the creator that has waited longest for its look',
      labels: { watch: watches },
    },
    watch_looks_total: {
      kind: 'counter',
      help: 'Looks of features at creators that they watch, by how they ended',
      labels: { watch: watches, outcome: ['done', 'failed'] },
    },
  }) as const

export type WatchNumbers = Numbers<ReturnType<typeof tableOf>>

/** What `/metrics` tells of these watches. */
export function countWatches(telemetry: Telemetry, names: readonly string[]): WatchNumbers {
  return telemetry.with(tableOf(names))
}
