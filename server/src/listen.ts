import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Config, isElsewhere } from './core/config/config.ts'
import type { Log } from './core/log.ts'

/** Starts listening and returns its address, such as `http://localhost:3000`. */
export async function listen(http: Server, config: Config): Promise<string> {
  await new Promise<void>((done, failed) => {
    http.once('error', (error) => failed(listenFailure(error, config)))
    // All screens of a restarted server return at once: the usual backlog of 511 turns some away.
    http.listen({ port: config.port, host: config.host, backlog: 4_096 }, done)
  })
  const { port } = http.address() as AddressInfo
  return config.publicUrl ?? `http://${shownHost(config.host)}:${port}`
}

/** Logs what is useful to know about reaching this server. */
export function noteReach(
  url: string,
  config: Config,
  { log, hasLocalOwner }: { readonly log: Log; readonly hasLocalOwner: boolean },
): void {
  if (!hasLocalOwner && !url.startsWith('https:')) {
    log.warn(
      'passwords and sign-ins are sent over plain HTTP: outside a home network, set PUBLIC_URL to an https address',
    )
  }
  if (isElsewhere(config.publicUrl) && config.trustedProxyHops === 0) {
    log.info(
      'TRUSTED_PROXY_HOPS is 0: forwarding headers are ignored and callers are identified by the connecting address',
    )
  }
}

function shownHost(host: string): string {
  if (['127.0.0.1', '::1', '0.0.0.0', '::'].includes(host)) return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

/** Why it cannot listen there, and what to set. */
function listenFailure(error: NodeJS.ErrnoException, { host, port }: Config): Error {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} is in use by another program. Stop it, or set PORT to another port.`,
    EACCES: `This user isn’t allowed to use port ${port}. Set PORT to 1024 or above.`,
    EADDRNOTAVAIL: `HOST ${host} is not an address of this machine. Set HOST to 127.0.0.1, or 0.0.0.0 for all.`,
    ENOTFOUND: `HOST ${host} can’t be resolved. Set HOST to 127.0.0.1, or 0.0.0.0 for all.`,
  }
  const reason = reasons[error.code ?? '']
  return reason === undefined ? error : new Error(reason, { cause: error })
}
