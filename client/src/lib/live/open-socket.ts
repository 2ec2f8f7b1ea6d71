import {
  type ClientToServer,
  LIVE_NAMESPACE,
  PROTOCOL_VERSION,
  type ServerToClient,
} from '@creatorflow/shared/socket'
import { io, type Socket } from 'socket.io-client'

export type LiveSocket = Socket<ServerToClient, ClientToServer>

/** Opens the socket used by every page of one creator. */
export function openSocket(): LiveSocket {
  return io(LIVE_NAMESPACE, {
    auth: { protocol: PROTOCOL_VERSION },
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    // Not shared: closing one creator's page must not affect another's.
    forceNew: true,
    reconnectionDelay: 500,
    reconnectionDelayMax: 1_500,
    randomizationFactor: 0.5,
    timeout: 3_000,
  })
}
