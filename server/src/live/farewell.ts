import { setTimeout as delay } from 'node:timers/promises'
import { LIVE_NAMESPACE, type Status } from '@creatorflow/shared/socket'
import type { Telemetry } from '../core/telemetry.ts'
import type { LiveServer, LiveSocket } from './live-socket.ts'
import { endSoon } from './slow-readers.ts'

/** Time that a screen has to read why it is disconnected. */
const GOODBYE_MS = 1_000

export const statuses = {
  slow: {
    code: 'slow',
    message: 'This connection is too slow. Updates resume when it catches up.',
    retry: true,
  },
  flood: { code: 'too_many', message: 'Too many requests.', retry: true },
  roles_changed: { code: 'roles_changed', message: 'Your role has changed.', retry: true },
  revoked: { code: 'revoked', message: 'Access was revoked.', retry: false },
  signed_out: { code: 'signed_out', message: 'You signed out.', retry: false },
  expired: { code: 'expired', message: 'The sign-in or key has expired.', retry: false },
  shutdown: { code: 'shutdown', message: 'The server is restarting.', retry: true },
  gone: { code: 'gone', message: 'This creator was deleted.', retry: false },
} as const satisfies Record<string, Status>

/** Why one socket is cut; a shutdown or a deleted creator affects many. */
export type CutReason = Exclude<keyof typeof statuses, 'shutdown' | 'gone'>

/** Tells a socket why it is disconnected, and disconnects it even if it does not read that. */
export function cut(socket: LiveSocket, reason: CutReason, telemetry: Telemetry): void {
  if (!socket.connected) return
  telemetry.count('sockets_cut_total', { reason })
  socket.emit('status', statuses[reason])
  socket.disconnect(true)
  endSoon(socket, GOODBYE_MS)
}

/** Tells every socket of this node that the server stops, and waits until they are gone. */
export async function sayGoodbye(io: LiveServer, telemetry: Telemetry): Promise<void> {
  const live = io.of(LIVE_NAMESPACE)
  telemetry.count('sockets_cut_total', { reason: 'shutdown' }, live.sockets.size)
  live.emit('status', statuses.shutdown)
  live.disconnectSockets(true)
  for (let waited = 0; io.engine.clientsCount > 0 && waited < GOODBYE_MS; waited += 20) {
    await delay(20)
  }
  // Not `io.close()`: it would also close the HTTP server, which has requests to finish.
  io.engine.close()
}
