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
        // Style attributes of charts and transitions; foreign stylesheets are never loaded.
        styleSrc: ["'self'", "'unsafe-inline'"],
        // Pages show no foreign picture: its server would learn who is looking.
        imgSrc: ["'self'", 'data:'],
        // Not every browser treats the socket of the same host as `self`.
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

/** This server's own socket as the browser sees it; nothing for an invalid Host. */
function socketOf({ headers }: IncomingMessage, isHttps: boolean): string {
  const { host = '' } = headers
  return /^[\w.:[\]-]+$/.test(host) ? `${isHttps ? 'wss' : 'ws'}://${host}` : "'self'"
}
