import type { AlertEpisode, AlertNews } from './alert-told.ts'
import type { Changes } from './changes.ts'
import type { Creator } from './creator.ts'
import type { Result } from './errors.ts'
import type { EventType } from './event-types.ts'
import type { LiveSnapshot } from './live-state.ts'
import type { RecountProblem } from './recounting.ts'
import type { SourceState } from './sources.ts'

/** `auth.protocol` of the handshake. Absent means the current one; a server with another one refuses. */
export const PROTOCOL_VERSION = 2
export const LIVE_NAMESPACE = '/live'

/** The position of an answer in a creator's log. */
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
  /** Ms since the bus or the database confirmed it: this much of a screen's timeout is used up. */
  readonly age_ms: number
  /** Set while numbers are being recounted. */
  readonly recounting?: 'waiting' | RecountProblem
  /** Its progress, 0 to 100, while it runs. */
  readonly recounted_percent?: number
}

/** Status of one connection to a LIVE or a shop; times are epoch ms. */
export interface SourceHeard {
  readonly id: string
  readonly kind: string
  /** Display name of its kind. */
  readonly kind_name: string
  /** Event types it brings: metrics made of them depend on it. */
  readonly brings: readonly EventType[]
  readonly name: string
  readonly state: SourceState
  /** Whether a process reports on it; otherwise these values are old. */
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

/** Alerts of a creator: after a watch those that are on, later also what fired, recovered or was acknowledged. */
export interface AlertsHeard {
  readonly creator_id: string
  readonly at: number
  /** What just happened, oldest first; one `id` may come twice. Empty after a watch. */
  readonly news: readonly AlertNews[]
  /** Episodes that are on, newest first. */
  readonly open: readonly AlertEpisode[]
}

/** Reasons for which a cut screen stays away: coming back would be refused. */
export type TerminalReason = 'revoked' | 'signed_out' | 'expired' | 'gone'
/** Transient reasons: the screen reconnects and is exact again. */
export type PassingReason = 'slow' | 'shutdown' | 'too_many' | 'roles_changed'

/** Why a screen gets a message about its connection; `retry` says whether to reconnect. */
export type Status = { readonly message: string } & (
  | { readonly code: TerminalReason; readonly retry: false }
  | { readonly code: PassingReason; readonly retry: true }
)

/** What a screen may ask; `socket-requests.ts` has the schema of the same name. */
export interface Requests {
  readonly watch: {
    readonly creator_id: string
    /** The LIVE to hold in full; without it the one that started last. */
    readonly session_id?: string | undefined
    /** The screen's position: the same LIVE in full at this epoch and seq. */
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
  alerts: (heard: AlertsHeard) => void
}

/** The only place where room names are built. */
export const roomOf = (creatorId: string): string => `creator:${creatorId}`
