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
        imgSrc: ["'self'", 'data:', 'https:'],
        connectSrc: ["'self'", 'ws:', 'wss:'],
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
