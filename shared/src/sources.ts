import type { EventType } from './event-types.ts'
import { type BaseMetric, basesOf, type MetricId, metrics } from './metrics.ts'

/** The status of a source, and its meaning for people. */
export const sourceStates = {
  off: { name: 'Off', text: 'Turned off.', good: true },
  starting: { name: 'Starting', text: 'Not checked yet.', good: true },
  waiting: { name: 'Waiting', text: 'Working. Nothing to receive right now.', good: true },
  receiving: { name: 'Receiving', text: 'Connected and receiving events.', good: true },
  paused: { name: 'Paused', text: 'The host paused the LIVE.', good: true },
  retrying: { name: 'Retrying', text: 'Disconnected. Reconnecting automatically.', good: false },
  needs_you: {
    name: 'Needs attention',
    text: 'Stopped until someone fixes the problem.',
    good: false,
  },
} as const satisfies Readonly<
  Record<string, { readonly name: string; readonly text: string; readonly good: boolean }>
>

export type SourceState = keyof typeof sourceStates

export interface ProblemWords {
  readonly text: string
  readonly todo: string
}

/** Problems of a source of any kind, and what to do about them. A kind may add its own. */
export const sourceProblems = {
  unknown_account: {
    text: 'This account doesn’t exist.',
    todo: 'Check the spelling, remove this source, and add it again.',
  },
  rate_limited: {
    text: 'Too many requests. The service’s rate limit is reached.',
    todo: 'It retries when the limit allows.',
  },
  connection_lost: {
    text: 'The connection was lost.',
    todo: 'It reconnects automatically. The chart shows a gap for the time in between.',
  },
  unreadable: {
    text: 'Incoming messages can’t be read.',
    todo: 'Check the dead letters. If most messages are there, their format has changed.',
  },
  api_unavailable: {
    text: 'The API isn’t responding.',
    todo: 'It retries automatically.',
  },
  api_refused: {
    text: 'The API refuses the requests.',
    todo: 'Check that the app has the permissions it needs.',
  },
  reconnect: {
    text: 'The authorization expired or was revoked.',
    todo: 'Choose Reconnect and enter new credentials.',
  },
  bad_signature: {
    text: 'Deliveries arrive with an invalid signature.',
    todo: 'Check the secret. If it’s correct, someone else knows this source’s address.',
  },
  unknown_shop: {
    text: 'Deliveries arrive for a shop that isn’t connected.',
    todo: 'Connect that shop too, or remove its webhooks to this address.',
  },
  secrets_lost: {
    text: 'Its secrets were encrypted with a different SECRET_KEY.',
    todo: 'Restart with the original key, or choose Reconnect and enter the secrets again.',
  },
  inbox_full: {
    text: 'Too many deliveries are waiting.',
    todo: 'Check the details below and the server’s log to see why they aren’t processed.',
  },
  internal: {
    text: 'Something failed on this server.',
    todo: 'It retries automatically. The server’s log has the details.',
  },
} as const satisfies Readonly<Record<string, ProblemWords>>

export type SourceProblem = keyof typeof sourceProblems

/** Origin of a dead letter that is an event this server could not store, instead of a kind of source. */
export const INSIDE = 'inside'
/** Display name of the source type. */
export const THIS_SERVER = 'This server'

/** The event types of a metric: it depends on every source that brings one of them. */
export function typesOfMetric(id: MetricId): ReadonlySet<EventType> {
  const types = basesOf(id).flatMap((base) => Object.keys((metrics[base] as BaseMetric).from))
  // Safe: `from` is keyed by types of events.
  return new Set(types as EventType[])
}
