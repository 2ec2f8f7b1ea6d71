import type { TikTokLiveProblem } from './problems.ts'

/** A room of TikTok LIVE; a LIVE of ours has its id. */
export interface Room {
  readonly id: string
  /** When it went on air, epoch ms, where that is told. */
  readonly startedAt?: number
  readonly title?: string
  /** The host's user id, where that is told: it tells gifts to the host from gifts to a guest. */
  readonly hostId?: string
}

/** One message as its client decoded it. */
export interface RawMessage {
  /** As on the wire (`WebcastChatMessage`) or as clients call it (`chat`). */
  readonly type: string
  /** Its id where it stands outside of the payload. */
  readonly id?: string
  /** The decoded payload, with the names of whichever schema; undefined when it could not be decoded. */
  readonly data: unknown
  /** The payload as it came. */
  readonly bytes?: Uint8Array
}

/** What a connection tells: that it stands, what came in, and what could not be read at all. */
export type Signal =
  | { readonly kind: 'connected' }
  | { readonly kind: 'messages'; readonly messages: readonly RawMessage[] }
  | { readonly kind: 'unreadable' }

export interface ConnectOptions {
  readonly signal: AbortSignal
}

/** A client of TikTok LIVE. Whoever has another one puts it into a module and names that in TIKTOK_LIVE_CONNECTOR. */
export interface Connector {
  /** The room of a handle that is on air now, else null. It must not cost what connecting costs. */
  findRoom(handle: string, options: ConnectOptions): Promise<Room | null>
  /**
   * Connects to a room and tells what comes until the connection ends. A consumer that is slow must hold the sender
   * up, not fill the memory; a connection without any sign of life must end by itself.
   */
  connect(handle: string, room: Room, options: ConnectOptions): AsyncIterable<Signal>
}

/** What the default export of such a module is. */
export type OpenConnector = (config: ConnectorConfig) => Connector | Promise<Connector>

export interface ConnectorConfig {
  readonly tiktokSignApiUrl: string
  readonly tiktokSignApiKey?: string | undefined
  readonly tiktokWebUrl: string
  readonly tiktokStaleMs: number
}

/** Problems that a connector may tell of. */
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
  /** How long the other side asks to be left alone. */
  readonly retryAfterMs: number | undefined

  constructor(problem: ConnectorProblem, message: string, retryAfterMs?: number) {
    super(message)
    this.problem = problem
    this.retryAfterMs = retryAfterMs
  }
}
