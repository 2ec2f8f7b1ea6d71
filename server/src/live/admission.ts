import { PROTOCOL_VERSION } from '@creatorflow/shared/socket'
import type { Config } from '../core/config/config.ts'
import { AppError, toFailure } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { parseApiKey } from '../core/rights/api-key-form.ts'
import type { Telemetry } from '../core/telemetry.ts'
import { clientAddress } from '../http/client-address.ts'
import { truncatedAddress } from '../http/truncated-address.ts'
import type { Access } from '../identity/access/access.ts'
import type { LiveSocket } from './live-socket.ts'

export interface AdmissionDeps {
  readonly access: Pick<Access, 'authenticateSocket'>
  readonly config: Pick<Config, 'trustedProxyHops'>
  readonly log: Log
  readonly telemetry: Telemetry
}

/**
 * The middleware of the namespace: a socket speaks this protocol and authenticates, or is refused with the
 * reason.
 */
export function admission({ access, config, log, telemetry }: AdmissionDeps) {
  return (socket: LiveSocket, next: (error?: Error) => void): void => {
    enter(socket, access).then(
      () => next(),
      (error: unknown) => {
        const failure = toFailure(error, log)
        log.info(
          {
            code: failure.code,
            key_id: keyIdOf(socket.handshake.auth),
            network: truncatedAddress(clientAddress(socket.request, config.trustedProxyHops)),
          },
          'socket refused',
        )
        if (failure.code === 'unauthorized') {
          telemetry.count('sockets_refused_total', { reason: 'unauthorized' })
        }
        next(Object.assign(new Error(failure.message), { data: failure }))
      },
    )
  }
}

async function enter(socket: LiveSocket, access: AdmissionDeps['access']): Promise<void> {
  const { auth } = socket.handshake
  // A program that names none speaks the current one; it has no page to reload.
  const { protocol = PROTOCOL_VERSION } = auth
  if (protocol !== PROTOCOL_VERSION) {
    throw new AppError(
      'invalid_input',
      `This server uses protocol version ${PROTOCOL_VERSION}. Reload the page, or send {"protocol": ${PROTOCOL_VERSION}} as auth.`,
    )
  }
  socket.data.authentication = await access.authenticateSocket({ request: socket.request, auth })
  socket.data.watching = new Set()
}

/** The id of the key that a socket gave, valid or not; never its secret. */
function keyIdOf(auth: unknown): string | undefined {
  const token = typeof auth === 'object' && auth !== null && 'token' in auth ? auth.token : null
  return typeof token === 'string' ? parseApiKey(token)?.id : undefined
}
