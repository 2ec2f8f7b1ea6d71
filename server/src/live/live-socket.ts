import type { ClientToServer, ServerToClient } from '@creatorflow/shared/socket'
import type { DefaultEventsMap, Server, Socket } from 'socket.io'
import type { Authentication } from '../core/rights/principal.ts'

/** What the gateway knows about a socket. */
export interface SocketData {
  authentication: Authentication
  /** Creators whose room the socket is in, or is joining. */
  watching: Set<string>
}

export type LiveSocket = Socket<ClientToServer, ServerToClient, DefaultEventsMap, SocketData>
export type LiveServer = Server<ClientToServer, ServerToClient, DefaultEventsMap, SocketData>
