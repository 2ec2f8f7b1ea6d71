import type { TikTokLiveProblem } from './problems.ts'

/** A room of TikTok LIVE; our LIVE has its id. */
export interface Room {
  readonly id: string
  /** When it went on air, epoch ms, if known. */
  readonly startedAt?: number
  readonly title?: string
  /** The host's user id, if known: it distinguishes gifts to the host from gifts to a guest. */
  readonly hostId?: string
}

/** One message as its client decoded it. */
export interface RawMessage {
  /** As on the wire (`WebcastChatMessage`) or as clients call it (`chat`). */
  readonly type: string
  /** Its id if outside of the payload. */
  readonly id?: string
  /** The decoded payload, with names from any schema; undefined if it could not be decoded. */
  readonly data: unknown
  /** The raw payload. */
  readonly bytes?: Uint8Array
}

/** Signals of a connection: that it is open, what came in, and what could not be read at all. */
export type Signal =
  | { readonly kind: 'connected' }
  | { readonly kind: 'messages'; readonly messages: readonly RawMessage[] }
  | { readonly kind: 'unreadable' }

export interface ConnectOptions {
  readonly signal: AbortSignal
}

/** A TikTok LIVE client. To use another one, put it into a module and name that in TIKTOK_LIVE_CONNECTOR. */
export interface Connector {
  /** The room of a handle that is on air now, else null. It must not cost what connecting costs. */
  findRoom(handle: string, options: ConnectOptions): Promise<Room | null>
  /**
   * Connects to a room and yields signals until the connection ends. A slow consumer must pause the sender,
   * not fill the memory; a connection without any sign of life must end.
   */
  connect(handle: string, room: Room, options: ConnectOptions): AsyncIterable<Signal>
}

/** The default export of such a module. */
export type OpenConnector = (config: ConnectorConfig) => Connector | Promise<Connector>

export interface ConnectorConfig {
  readonly tiktokSignApiUrl: string
  readonly tiktokSignApiKey?: string | undefined
  readonly tiktokWebUrl: string
  readonly tiktokStaleMs: number
}

/** Problems that a connector may report. */
export type ConnectorProblem = Extract<
  TikTokLiveProblem,
  | 'unknown_account'
  | 'sign_server'
  | 'rate_limited'
  | 'payment_required'
  | 'api_unavailable'
  | 'connection_lost'
>

/** Thrown by both functions of a connector; any other error counts as `connection_lost`. */
export class ConnectorError extends Error {
  readonly problem: ConnectorProblem
  /** How long the service asks us to wait. */
  readonly retryAfterMs: number | undefined

  constructor(problem: ConnectorProblem, message: string, retryAfterMs?: number) {
    super(message)
    this.problem = problem
    this.retryAfterMs = retryAfterMs
  }
}
