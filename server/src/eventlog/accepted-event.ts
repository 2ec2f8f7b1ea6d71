import type { IncomingEvent } from '@creatorflow/shared/events'
import type { LiveSpan } from '@creatorflow/shared/live-span'
import type { Attribution } from '@creatorflow/shared/numbered-event'
import type { Increments } from './event-row.ts'

/** A LIVE as stored in its table. */
export interface LiveRow extends LiveSpan {
  readonly creator_id: string
  readonly inferred: boolean
}

/** An event that passed its checks, with defaults filled in. */
export interface AcceptedEvent {
  readonly creator_id: string
  readonly incoming: IncomingEvent
  /** SHA-256 of creator and id, of those and the revision, of the content as sent; the first 32 hex digits. */
  readonly id_hash: string
  /** The same as `id_hash` for revision 0. */
  readonly revision_hash: string
  readonly content_hash: string
  /** Epoch ms when its request arrived. */
  readonly received_at: number
}

/** Up to which time events of a creator were attributed by guess: late events before it may change a guess. */
export interface Guessed {
  /** Latest time of an event that did not name its LIVE; epoch ms. */
  readonly lives: number | null
  /** The same for an event that did not name its pin. */
  readonly pins: number | null
}

/** What the write needs of a creator, read after its counter row was locked. */
export interface CreatorRow {
  readonly id: string
  readonly time_zone: string
  readonly currency: string
  readonly seq: number
  readonly generation: number
  readonly database_id: string
  readonly guessed: Guessed
}

/** A figure by its rows so far; each of them changes it. */
export interface Stated {
  /** Its subject: a revision about something else is not a revision of it. */
  readonly about: string
  /** All rows of a figure belong where its first one does, until re-attribution. */
  readonly session_id: string | null
  readonly attribution: Attribution | null
  revision: number
  /** The running total of the newest revision. */
  total: number | undefined
  /** The sum of the rows. */
  added: Increments
}

export interface AttributedEvent extends AcceptedEvent {
  readonly ts: number
  readonly day: string
  readonly session_id: string | null
  readonly attribution: Attribution | null
  /** Whether it is the first event of its LIVE. */
  readonly opens_live: boolean
  /** The figure it states, for types that sources correct later. */
  readonly stated?: Stated
  /** It is not the figure's first statement. */
  readonly restates?: true
}
