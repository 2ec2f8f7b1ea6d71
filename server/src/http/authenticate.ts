import type { IncomingMessage } from 'node:http'
import type { Authentication } from '../core/rights/principal.ts'

/** A request, or what a Socket.IO server calls `socket.request`. */
export type Incoming = Pick<IncomingMessage, 'headers' | 'socket'>

/** What HTTP needs to know of who asks; what they may do is decided by `authorize`. */
export interface Authenticate {
  /** Who asks; null for nobody. Rejects a key that is given but not valid. */
  authenticate(request: Incoming): Promise<Authentication | null>
  /** Rejects what a foreign page sends in the name of a signed-in browser. */
  checkOrigin(request: Incoming, authentication: Authentication | null): void
}
