import type { SourceState } from '@creatorflow/shared/sources'
import type { Log } from '../../core/log.ts'
import type { Undeliverable } from '../../dead-letters/dead-letters.ts'

/** A connection as a person configured it. */
export interface SourceRow {
  readonly id: string
  readonly creator_id: string
  readonly kind: string
  /** The handle without its @, the shop's id, or the shop's domain. */
  readonly account: string
  readonly name: string
  readonly enabled: boolean
  readonly settings: Readonly<Record<string, unknown>>
  /** A different one means that a person changed it. */
  readonly version: number
}

/** A source's secrets, by name. */
export type Secrets = Readonly<Record<string, string>>

/** A connection's status. Absent fields stay unchanged; a state without a problem has none. */
export interface Report {
  readonly state: SourceState
  /** One of `sourceProblems`, or one of its kind. */
  readonly problem?: string
  /** The service's message; shortened before it is stored. */
  readonly detail?: string
  /** Epoch ms of the next try. */
  readonly retryAt?: number
}

/** An event made by a source, and what it was made of. */
export interface SourcedEvent {
  readonly event: unknown
  /** As received: kept if the event is refused. */
  readonly raw: unknown
  /** The same message has the same key; the event's id if there is none. */
  readonly key?: string
  readonly topic?: string
}

export interface Delivered {
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
}

/** What one connection may do while this node holds it. */
export interface SourceContext {
  readonly log: Log
  /** Epoch ms. */
  now(): number
  /**
   * Checks events and hands them to the pipeline; refused ones become dead letters. Waits while the database
   * is away. Rejects with the signal's reason if the connection ends meanwhile.
   */
  deliver(events: readonly SourcedEvent[]): Promise<Delivered>
  /** Keeps a message that could not be understood. */
  setAside(letter: Undeliverable): Promise<void>
  /** Reports its status; written at once when the state changes, else within a second. */
  report(report: Report): void
  /** Counts received messages. */
  received(messages: number): void
  /** Counts a message of an unknown kind. */
  unknown(name: string): void
  readonly secrets: {
    read(): Promise<Secrets>
    /** Replaces the given ones. */
    write(changes: Secrets): Promise<void>
  }
  readonly cursor: {
    read(): Promise<Readonly<Record<string, unknown>>>
    /** Replaces the given ones. */
    write(changes: Readonly<Record<string, unknown>>): Promise<void>
  }
  /**
   * Processes deliveries, one after another or so many at once, until the signal ends; see `inbox.ts`.
   * `following` are the next ones, so that what they need can be fetched together.
   */
  workOff(handle: Handler, atOnce?: number): Promise<void>
}

/** One delivery. */
export interface Delivery {
  readonly id: string
  readonly topic: string
  readonly body: Uint8Array
  /** Epoch ms. */
  readonly receivedAt: number
  /** Number of earlier attempts. */
  readonly attempts: number
}

export type Handler = (delivery: Delivery, following: readonly Delivery[]) => Promise<Handled>

/** The outcome of a delivery; `later` retries it after a while, `aside` makes it a dead letter. */
export type Handled =
  | { readonly kind: 'done' }
  | { readonly kind: 'later'; readonly reason: string; readonly afterMs?: number }
  | { readonly kind: 'aside'; readonly reason: string }

/** Holds the connections of one kind, and replays its dead letters. */
export interface SourceKind {
  readonly kind: string
  /**
   * Holds the connection until the signal ends; called while this node has its lease. Returns if there is
   * nothing left to do; whatever it throws is shown on the page, and it is called again after a while.
   */
  run(source: SourceRow, context: SourceContext, signal: AbortSignal): Promise<void>
  /** Makes the events of a raw dead letter; throws the reason if it still cannot be understood. */
  replay(
    source: SourceRow,
    letter: { topic: string; raw: Uint8Array },
  ): readonly SourcedEvent[] | Promise<readonly SourcedEvent[]>
}
