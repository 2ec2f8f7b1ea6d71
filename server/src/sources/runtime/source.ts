import type { SourceState } from '@creatorflow/shared/sources'
import type { Log } from '../../core/log.ts'
import type { Undeliverable } from '../../dead-letters/dead-letters.ts'

/** A connection as a person made it. */
export interface SourceRow {
  readonly id: string
  readonly creator_id: string
  readonly kind: string
  /** The handle without its @, the id of the shop, or the domain of the shop. */
  readonly account: string
  readonly name: string
  readonly enabled: boolean
  readonly settings: Readonly<Record<string, unknown>>
  /** Another one means that a person changed it. */
  readonly version: number
}

/** What is sealed of a source, by name. */
export type Secrets = Readonly<Record<string, string>>

/** How a connection does now. What is left out stays as it is; a state without a problem has none. */
export interface Report {
  readonly state: SourceState
  /** One of `sourceProblems`, or one of its kind. */
  readonly problem?: string
  /** What the other side said; shortened before it is stored. */
  readonly detail?: string
  /** Epoch ms of the next try. */
  readonly retryAt?: number
}

/** An event that a source made, and what it was made of. */
export interface SourcedEvent {
  readonly event: unknown
  /** As it came: kept when the event is refused. */
  readonly raw: unknown
  /** The same message has the same key; the event's id where there is none. */
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
   * Checks events and hands them to the pipeline; those that are refused become dead letters. Waits while the
   * database is away. Rejects with the reason of the signal when the connection ends meanwhile.
   */
  deliver(events: readonly SourcedEvent[]): Promise<Delivered>
  /** Keeps what could not be understood. */
  setAside(letter: Undeliverable): Promise<void>
  /** Tells how it does; written at once when the state changes, else with the next second. */
  report(report: Report): void
  /** Counts messages that came in. */
  received(messages: number): void
  /** Counts a message of a kind that we do not know. */
  unknown(name: string): void
  readonly secrets: {
    read(): Promise<Secrets>
    /** Replaces those that are given. */
    write(changes: Secrets): Promise<void>
  }
  readonly cursor: {
    read(): Promise<Readonly<Record<string, unknown>>>
    /** Replaces those that are given. */
    write(changes: Readonly<Record<string, unknown>>): Promise<void>
  }
  /**
   * Works off what was delivered, one after the other or so many at once, until the signal ends; see `inbox.ts`.
   * `following` are those that come next, so that what they need can be fetched together.
   */
  workOff(handle: Handler, atOnce?: number): Promise<void>
}

/** One thing that was delivered to us. */
export interface Delivery {
  readonly id: string
  readonly topic: string
  readonly body: Uint8Array
  /** Epoch ms. */
  readonly receivedAt: number
  /** How often it was tried before. */
  readonly attempts: number
}

export type Handler = (delivery: Delivery, following: readonly Delivery[]) => Promise<Handled>

/** What became of a delivery; `later` tries it again after a while, `aside` makes it a dead letter. */
export type Handled =
  | { readonly kind: 'done' }
  | { readonly kind: 'later'; readonly reason: string; readonly afterMs?: number }
  | { readonly kind: 'aside'; readonly reason: string }

/** What holds the connections of one kind, and tries again what was set aside of them. */
export interface SourceKind {
  readonly kind: string
  /**
   * Holds the connection until the signal ends; called while this node has its lease. Returns when there is nothing
   * left to do; whatever it throws is told on the page, and it is called again after a while.
   */
  run(source: SourceRow, context: SourceContext, signal: AbortSignal): Promise<void>
  /** Makes the events of a raw message that was set aside; throws with words when it still cannot be understood. */
  replay(
    source: SourceRow,
    letter: { topic: string; raw: Uint8Array },
  ): readonly SourcedEvent[] | Promise<readonly SourcedEvent[]>
}
