import { errorStatus, rejectCodes } from '@creatorflow/shared/errors'
import { sourceStates } from '@creatorflow/shared/sources'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Values of a label: closed lists only, so that the number of series is known. */
type Labels = Readonly<Record<string, readonly string[]>>

export interface MetricDefinition {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels?: Labels
  readonly buckets?: readonly number[]
}

/** Numbers by name; `creatorflow_` is put before it. */
export type TelemetryTable = Readonly<Record<string, MetricDefinition>>

const errorCodes = Object.keys(errorStatus) as (keyof typeof errorStatus)[]
const stateNames = Object.keys(sourceStates) as (keyof typeof sourceStates)[]
/** The kinds of sources are a closed list that stands above this floor; `inside` goes with it. */
const sourceKinds: readonly string[] = []
const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** What `/metrics` shows whatever features there are, by the name that code uses. */
export const telemetryTable = {
  http_requests_total: {
    kind: 'counter',
    help: 'HTTP requests answered',
    labels: {
      method: ['GET', 'POST', 'DELETE', 'other'],
      status: ['1xx', '2xx', '3xx', '4xx', '5xx'],
    },
  },
  http_request_seconds: {
    kind: 'histogram',
    help: 'Time from the first byte of a request to the end of its response',
    labels: { method: ['GET', 'POST', 'DELETE', 'other'] },
    buckets: seconds,
  },
  failures_total: {
    kind: 'counter',
    help: 'Requests and socket calls that failed, by code',
    labels: { code: errorCodes },
  },
  events_total: {
    kind: 'counter',
    help: 'Events received, by outcome',
    labels: { outcome: ['accepted', 'duplicate', 'superseded', 'conflict', 'rejected'] },
  },
  event_rejects_total: {
    kind: 'counter',
    help: 'Events rejected, by reason',
    labels: { code: rejectCodes },
  },
  queued_events: { kind: 'gauge', help: 'Events waiting to be written' },
  held_events: { kind: 'gauge', help: 'Events waiting for a locked creator' },
  write_seconds: {
    kind: 'histogram',
    help: 'Time of one write transaction, lock to COMMIT',
    labels: { lane: ['live', 'history'] },
    buckets: seconds,
  },
  write_batch_events: {
    kind: 'histogram',
    help: 'Events in one write transaction',
    labels: { lane: ['live', 'history'] },
    buckets: [1, 10, 50, 100, 250, 500, 1_000, 2_000, 5_000],
  },
  write_failures_total: {
    kind: 'counter',
    help: 'Write transactions that failed',
    labels: { reason: ['unavailable', 'error'] },
  },
  dead_letters_total: {
    kind: 'counter',
    help: 'Dead letters created, by source; inside means failures in this server',
    labels: { source: sourceKinds },
  },
  dead_letters_lost_total: {
    kind: 'counter',
    help: 'Dead letters deleted because their creator reached the limit',
  },
  dead_letters: {
    kind: 'gauge',
    help: 'Dead letters waiting, by source',
    labels: { source: sourceKinds },
  },
  sources: {
    kind: 'gauge',
    help: 'Sources, by status',
    labels: { kind: sourceKinds, state: stateNames },
  },
  sources_unheld: {
    kind: 'gauge',
    help: 'Sources that are turned on but not running on any process',
    labels: { kind: sourceKinds },
  },
  source_lag_seconds: {
    kind: 'gauge',
    help: 'Delay between the newest event of a source and its arrival, highest per type',
    labels: { kind: sourceKinds },
  },
  source_silence_seconds: {
    kind: 'gauge',
    help: 'Time since the newest event of a receiving source, highest per type',
    labels: { kind: sourceKinds },
  },
  deliveries_waiting: {
    kind: 'gauge',
    help: 'Deliveries stored but not yet processed',
    labels: { kind: sourceKinds },
  },
  job_runs_total: {
    kind: 'counter',
    help: 'Scheduled job runs, by outcome',
    labels: { outcome: ['done', 'failed', 'stopped'] },
  },
  recounts: {
    kind: 'gauge',
    help: 'Creators waiting for re-attribution after late events; failed ones need attention',
    labels: { state: ['waiting', 'running', 'failed'] },
  },
  recount_rows_left: {
    kind: 'gauge',
    help: 'Rows left in running re-attributions',
  },
  recount_failures_total: {
    kind: 'counter',
    help: 'Failed re-attributions; passing failures are retried within seconds',
    labels: { kind: ['passing', 'lasting'] },
  },
  history_refresh_seconds: {
    kind: 'histogram',
    help: 'Time of one refresh of the aggregates that questions about the past read',
    buckets: seconds,
  },
  bus_published_total: {
    kind: 'counter',
    help: 'Messages handed to the bus',
    labels: { outcome: ['sent', 'failed'] },
  },
  bus_received_total: { kind: 'counter', help: 'Messages that the bus delivered to a listener' },
  bus_listener_failures_total: { kind: 'counter', help: 'Bus listeners that threw' },
  bus_healthy: { kind: 'gauge', help: '1 while the bus can publish and receive' },
  follow_reads_total: {
    kind: 'counter',
    help: 'Reads of the database by a follower, by reason',
    labels: { reason: ['start', 'hole', 'poll', 'epoch', 'older_copy'] },
  },
  followed_creators: { kind: 'gauge', help: 'Creators followed by this node' },
  updates_sent_total: { kind: 'counter', help: 'Updates emitted to rooms' },
  sockets: { kind: 'gauge', help: 'Open sockets' },
  watches: { kind: 'gauge', help: 'Watches over all sockets' },
  sockets_refused_total: {
    kind: 'counter',
    help: 'Sockets refused',
    labels: { reason: ['origin', 'limit', 'unauthorized'] },
  },
  sockets_cut_total: {
    kind: 'counter',
    help: 'Sockets disconnected by the server',
    labels: {
      reason: ['slow', 'flood', 'shutdown', 'revoked', 'signed_out', 'expired', 'roles_changed'],
    },
  },
} as const satisfies TelemetryTable

type NamesOf<T extends TelemetryTable, K extends MetricDefinition['kind']> = {
  [N in keyof T]: T[N]['kind'] extends K ? N : never
}[keyof T]
type PlainGauge<T extends TelemetryTable> = {
  [N in NamesOf<T, 'gauge'>]: T[N] extends { labels: Labels } ? never : N
}[NamesOf<T, 'gauge'>]
type LabelledGauge<T extends TelemetryTable> = Exclude<NamesOf<T, 'gauge'>, PlainGauge<T>>
type LabelsOf<D extends MetricDefinition> = D extends { labels: infer L extends Labels }
  ? { readonly [K in keyof L]: L[K][number] }
  : Readonly<Record<string, never>>
type Values<D extends MetricDefinition> = readonly {
  readonly labels: LabelsOf<D>
  readonly value: number
}[]

/** The counters, gauges and histograms of one table. */
export interface Numbers<T extends TelemetryTable> {
  /** Adds to a counter. */
  count<N extends NamesOf<T, 'counter'>>(name: N, labels: LabelsOf<T[N]>, by?: number): void
  /** Puts one value into a histogram; times are seconds. */
  observe<N extends NamesOf<T, 'histogram'>>(name: N, labels: LabelsOf<T[N]>, value: number): void
  /** Sets a gauge. */
  set(name: PlainGauge<T>, value: number): void
  /** Sets a gauge for all its labels at once: those that are not given are gone. */
  setAll<N extends LabelledGauge<T>>(name: N, values: Values<T[N]>): void
  /** Lets a gauge be read when someone asks for `/metrics`. */
  sample(name: PlainGauge<T>, read: () => number): void
  /** The same for all labels of a gauge. */
  sampleAll<N extends LabelledGauge<T>>(name: N, read: () => Values<T[N]>): void
}

export interface Telemetry extends Numbers<typeof telemetryTable> {
  /** Adds a table, once, and answers what counts in it. Throws when another table has one of its names. */
  with<const T extends TelemetryTable>(table: T): Numbers<T>
  /** The text of `/metrics`. */
  text(): Promise<string>
  readonly contentType: string
}

export interface TelemetryOptions {
  /** Also memory, event loop and garbage collection of the process. */
  readonly process?: boolean
}

/** Counters, gauges and histograms of one app: the table above, and what is added to it. */
export function createTelemetry(options: TelemetryOptions = {}): Telemetry {
  const registry = new Registry()
  if (options.process) collectDefaultMetrics({ register: registry })
  const samples: (() => void)[] = []

  function add<T extends TelemetryTable>(table: T): Numbers<T> {
    const counters = new Map<PropertyKey, Counter>()
    const gauges = new Map<PropertyKey, Gauge>()
    const histograms = new Map<PropertyKey, Histogram>()
    for (const [name, definition] of Object.entries<MetricDefinition>(table)) {
      const shape = {
        name: `creatorflow_${name}`,
        help: definition.help,
        labelNames: Object.keys(definition.labels ?? {}),
        registers: [registry],
      }
      if (definition.kind === 'counter') counters.set(name, new Counter(shape))
      else if (definition.kind === 'gauge') gauges.set(name, new Gauge(shape))
      else {
        histograms.set(name, new Histogram({ ...shape, buckets: [...(definition.buckets ?? [])] }))
      }
    }
    const numbers: Numbers<T> = {
      count: (name, labels, by = 1) => counters.get(name)?.inc(labels, by),
      observe: (name, labels, value) => histograms.get(name)?.observe(labels, value),
      set: (name, value) => gauges.get(name)?.set(value),
      setAll(name, values) {
        const gauge = gauges.get(name)
        gauge?.reset()
        for (const { labels, value } of values) gauge?.set(labels, value)
      },
      sample: (name, read) => void samples.push(() => numbers.set(name, read())),
      sampleAll: (name, read) => void samples.push(() => numbers.setAll(name, read())),
    }
    return numbers
  }

  return {
    ...add(telemetryTable),
    contentType: registry.contentType,
    with: add,
    text() {
      for (const sample of samples) sample()
      return registry.metrics()
    },
  }
}
