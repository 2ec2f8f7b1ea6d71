import type { IncomingMessage } from 'node:http'
import type { RequestHandler } from 'express'
import helmet from 'helmet'

/** Headers of every answer. Only the client's own scripts run, inline ones by their hash. */
export function securityHeaders(options: {
  readonly scriptHashes: readonly string[]
  readonly isHttps: boolean
}): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'", ...options.scriptHashes],
        // Style attributes of charts and transitions; no rule of a foreign sheet is loaded.
        styleSrc: ["'self'", "'unsafe-inline'"],
        // Pages show no picture of anybody else: a foreign one would learn who looks.
        imgSrc: ["'self'", 'data:'],
        // Not every browser takes the socket of the same host for `self`.
        connectSrc: ["'self'", (request) => socketOf(request, options.isHttps)],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    // Over plain http in a home network these two would lock the page out, or only warn.
    strictTransportSecurity: options.isHttps,
    crossOriginOpenerPolicy: options.isHttps,
  })
}

/** Where this server's own socket is, as the browser calls it; nothing for a Host that is no host. */
function socketOf({ headers }: IncomingMessage, isHttps: boolean): string {
  const { host = '' } = headers
  return /^[\w.:[\]-]+$/.test(host) ? `${isHttps ? 'wss' : 'ws'}://${host}` : "'self'"
}
