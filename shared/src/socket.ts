import type { Changes } from './changes.ts'
import type { Creator } from './creator.ts'
import type { Result } from './errors.ts'
import type { EventType } from './event-types.ts'
import type { LiveSnapshot } from './live-state.ts'
import type { RecountProblem } from './recounting.ts'
import type { SourceState } from './sources.ts'

/** `auth.protocol` of the handshake. Absent means the current one; a server that speaks another one refuses. */
export const PROTOCOL_VERSION = 2
export const LIVE_NAMESPACE = '/live'

/** Where in a creator's log an answer stands. */
export interface Position {
  /** Database uuid . creator generation . fold version: another one means that nothing held is valid. */
  readonly epoch: string
  /** The last event that the answer contains. */
  readonly seq: number
}

export type WatchReply = Position & { readonly creator: Creator; readonly at: number } & (
    | { readonly recovered: true; readonly changes: Changes }
    | { readonly recovered: false; readonly snapshot: LiveSnapshot }
  )

export interface Replies {
  readonly watch: WatchReply
  readonly unwatch: Record<string, never>
}

/** Changed cells with their values at `to`; a screen at `from − 1` or later may apply them. */
export interface Update {
  readonly creator_id: string
  readonly epoch: string
  readonly from: number
  readonly to: number
  /** Epoch ms of the server when it was sent. */
  readonly at: number
  readonly changes: Changes
}

/** The confirmed head of a creator's log: a screen behind it has missed something. */
export interface Head extends Position {
  readonly creator_id: string
  readonly at: number
  /** Ms since the bus or the database confirmed it: so much of a screen's patience is used up. */
  readonly age_ms: number
  /** Set while numbers are being recounted. */
  readonly recounting?: 'waiting' | RecountProblem
  /** How much of that is done, 0 to 100, while it is under way. */
  readonly recounted_percent?: number
}

/** How one connection to a LIVE or a shop does; times are epoch ms. */
export interface SourceHeard {
  readonly id: string
  readonly kind: string
  /** What people call its kind. */
  readonly kind_name: string
  /** Types of events that it brings: metrics made of them depend on it. */
  readonly brings: readonly EventType[]
  readonly name: string
  readonly state: SourceState
  /** Whether a process tells of it; what stands here is old otherwise. */
  readonly held: boolean
  readonly since: number
  readonly problem: string | null
  readonly last_event_at: number | null
  readonly lag_ms: number | null
}

/** All sources of a creator: after a watch, and whenever one of them changes. */
export interface SourcesHeard {
  readonly creator_id: string
  readonly at: number
  readonly sources: readonly SourceHeard[]
}

/** Reasons for which a screen that is cut stays away: coming back would be refused. */
export type TerminalReason = 'revoked' | 'signed_out' | 'expired' | 'gone'
/** Reasons that pass: the screen comes back by itself and is exact again. */
export type PassingReason = 'slow' | 'shutdown' | 'too_many' | 'roles_changed'

/** Why a screen is told something about its connection; `retry` says whether to come back. */
export type Status = { readonly message: string } & (
  | { readonly code: TerminalReason; readonly retry: false }
  | { readonly code: PassingReason; readonly retry: true }
)

/** What a screen may ask; `socket-requests.ts` has the schema of the same name. */
export interface Requests {
  readonly watch: {
    readonly creator_id: string
    /** The LIVE to have whole; without it the one that started last. */
    readonly session_id?: string | undefined
    /** Where the screen is: the same LIVE whole at this epoch and seq. */
    readonly since?: Position | undefined
  }
  readonly unwatch: { readonly creator_id: string }
}

export type RequestName = keyof Requests
export type ClientToServer = {
  [K in RequestName]: (input: Requests[K], ack: (result: Result<Replies[K]>) => void) => void
}

export interface ServerToClient {
  update: (update: Update) => void
  head: (head: Head) => void
  status: (status: Status) => void
  sources: (heard: SourcesHeard) => void
}

/** The one speller of rooms. */
export const roomOf = (creatorId: string): string => `creator:${creatorId}`
