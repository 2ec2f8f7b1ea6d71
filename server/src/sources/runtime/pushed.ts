import type { IncomingHttpHeaders } from 'node:http'
import type { Secrets, SourceRow } from './source.ts'

/** A raw delivery: nothing in it is trusted before its signature was checked over these exact bytes. */
export interface Pushed {
  readonly headers: IncomingHttpHeaders
  readonly body: Uint8Array
}

/** What a delivery says about itself, once its signature was checked. */
export interface Identity {
  readonly id?: string
  readonly topic: string
  /** For an app with several shops: the account it is for, if different from the source's. */
  readonly account?: string
}

/** What a kind of source knows about the sender of its deliveries. */
export interface Receiver<C = unknown> {
  /**
   * Whether someone with these secrets signed it; without secrets nobody has. Those of an app of the whole
   * server are in `config`.
   */
  verify(pushed: Pushed, secrets: Secrets, config: C): boolean
  /**
   * The sender's own id of the delivery, so that a repeat counts once; its digest if there is none. `topic`
   * is its kind of message. Must not throw: what cannot be understood is set aside on processing.
   */
  identify(pushed: Pushed, source: SourceRow): Identity
}
