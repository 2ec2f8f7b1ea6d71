import type { IncomingEvent } from '@creatorflow/shared/events'
import type { LiveSpan } from '@creatorflow/shared/live-span'
import type { Attribution } from '@creatorflow/shared/numbered-event'
import type { Increments } from './event-row.ts'

/** A LIVE as the table holds it. */
export interface LiveRow extends LiveSpan {
  readonly creator_id: string
  readonly inferred: boolean
}

/** An event that passed its checks, with what its sender left out filled in. */
export interface AcceptedEvent {
  readonly creator_id: string
  readonly incoming: IncomingEvent
  /** SHA-256 of creator and id, of those and the revision, of the content as sent; the first 32 hex digits. */
  readonly id_hash: string
  /** The same as `id_hash` for revision 0. */
  readonly revision_hash: string
  readonly content_hash: string
  /** Epoch ms when the request brought it. */
  readonly received_at: number
}

/** How far in time events of a creator were guessed at: up to there, what comes late may change a guess. */
export interface Guessed {
  /** Greatest time of an event that did not name its LIVE; epoch ms. */
  readonly lives: number | null
  /** The same of an event that did not name its pin. */
  readonly pins: number | null
}

/** What the write needs to know of a creator, read after its counter row was locked. */
export interface CreatorRow {
  readonly id: string
  readonly time_zone: string
  readonly currency: string
  readonly seq: number
  readonly generation: number
  readonly database_id: string
  readonly guessed: Guessed
}

/** A figure as its rows say it so far; it changes with each of them. */
export interface Stated {
  /** What it is about: a revision that is about something else is no revision of it. */
  readonly about: string
  /** All rows of a figure belong where its first one does, until the log is settled again. */
  readonly session_id: string | null
  readonly attribution: Attribution | null
  revision: number
  /** The running total that the newest revision reports. */
  total: number | undefined
  /** What the rows add up to. */
  added: Increments
}

export interface AttributedEvent extends AcceptedEvent {
  readonly ts: number
  readonly day: string
  readonly session_id: string | null
  readonly attribution: Attribution | null
  /** Whether it is the first event of its LIVE. */
  readonly opens_live: boolean
  /** The figure that it states, where sources correct it afterwards. */
  readonly stated?: Stated
  /** It is not the figure's first statement. */
  readonly restates?: true
}
