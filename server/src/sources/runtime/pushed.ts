import type { IncomingHttpHeaders } from 'node:http'
import type { Secrets, SourceRow } from './source.ts'

/** A delivery as it came: nothing of it is believed before its signature was checked over these very bytes. */
export interface Pushed {
  readonly headers: IncomingHttpHeaders
  readonly body: Uint8Array
}

/** What a delivery says of itself, once its signature was checked. */
export interface Identity {
  readonly id?: string
  readonly topic: string
  /** Of an app with several shops: the account that it is for, when that is another one than the source's. */
  readonly account?: string
}

/** What a kind of source knows of the sender of its deliveries. */
export interface Receiver {
  /** Whether whoever knows these secrets has signed it; without the secrets nobody has. */
  verify(pushed: Pushed, secrets: Secrets): boolean
  /**
   * The sender's own id of the delivery, so that the same one counts once; its digest where there is none. `topic` is
   * what kind of message it is. Must not throw: what cannot be understood is set aside by whoever works it off.
   */
  identify(pushed: Pushed, source: SourceRow): Identity
}
