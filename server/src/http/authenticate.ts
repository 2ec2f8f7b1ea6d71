import type { IncomingMessage } from 'node:http'
import type { Authentication } from '../core/rights/principal.ts'

/** A request, or a Socket.IO server's `socket.request`. */
export type Incoming = Pick<IncomingMessage, 'headers' | 'socket'>

/** What HTTP needs to know about the caller; `authorize` decides what they may do. */
export interface Authenticate {
  /** The caller; null for nobody. Rejects an invalid key. */
  authenticate(request: Incoming): Promise<Authentication | null>
  /** Rejects requests of a foreign page on behalf of a signed-in browser. */
  checkOrigin(request: Incoming, authentication: Authentication | null): void
}
