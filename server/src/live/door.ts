import type { IncomingMessage } from 'node:http'
import type { Config } from '../core/config/config.ts'
import type { Telemetry } from '../core/telemetry.ts'
import { clientAddress } from '../http/client-address.ts'
import { originFits } from '../identity/access/origin.ts'

interface Connection {
  readonly request: IncomingMessage
  once(event: 'close', listener: () => void): void
}

/** Who may open a connection at all: by the page's origin, and how many there are. Decides without a database. */
export interface Door {
  admits(request: IncomingMessage): boolean
  count(connection: Connection): void
  /** Nobody is admitted any more. */
  close(): void
}

export function createDoor(
  config: Pick<
    Config,
    'maxSockets' | 'maxSocketsPerIp' | 'publicUrl' | 'allowedOrigins' | 'trustedProxyHops'
  >,
  telemetry: Telemetry,
): Door {
  const byAddress = new Map<string, number>()
  let open = 0
  let isClosed = false
  const addressOf = (request: IncomingMessage) => clientAddress(request, config.trustedProxyHops)

  return {
    admits(request) {
      if (isClosed) return false
      // CORS does not cover WebSockets: the origin is checked here, for every transport.
      if (!originFits(request.headers, config)) {
        telemetry.count('sockets_refused_total', { reason: 'origin' })
        return false
      }
      const isNew = !new URLSearchParams(request.url?.split('?')[1]).has('sid')
      const ofAddress = byAddress.get(addressOf(request)) ?? 0
      if (isNew && (open >= config.maxSockets || ofAddress >= config.maxSocketsPerIp)) {
        telemetry.count('sockets_refused_total', { reason: 'limit' })
        return false
      }
      return true
    },
    count(connection) {
      const address = addressOf(connection.request)
      open++
      byAddress.set(address, (byAddress.get(address) ?? 0) + 1)
      connection.once('close', () => {
        open--
        const left = (byAddress.get(address) ?? 1) - 1
        if (left > 0) byAddress.set(address, left)
        else byAddress.delete(address)
      })
    },
    close() {
      isClosed = true
    },
  }
}
