import { createServer, type Server } from 'node:http'
import type { Endpoint } from '@creatorflow/shared/endpoint'
import { getOpenApi } from '@creatorflow/shared/features/reference'
import express, { type Express, Router } from 'express'
import type { Config } from '../core/config/config.ts'
import { AppError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Readiness } from '../core/readiness.ts'
import type { Telemetry } from '../core/telemetry.ts'
import type { Quotas } from '../quotas/quotas.ts'
import { createAnswer } from './answer.ts'
import type { Authenticate } from './authenticate.ts'
import { createClientFiles } from './client-files.ts'
import { createFailureHandler } from './failures.ts'
import type { Feature } from './feature.ts'
import { createForwardingWatch } from './forwarding.ts'
import { healthRoutes } from './health.ts'
import { type OpenApi, openApiOf } from './openapi.ts'
import { requestLog } from './request-log.ts'
import { securityHeaders } from './security-headers.ts'

export interface HttpAppDeps {
  readonly config: Pick<Config, 'publicUrl' | 'trustedProxyHops' | 'nodeEnv' | 'metricsToken'>
  readonly log: Log
  readonly telemetry: Telemetry
  readonly access: Authenticate
  readonly quotas: Pick<Quotas, 'spendRequest'>
  readonly features: readonly Feature[]
  readonly readiness: () => Promise<Readiness>
  /** Where the built client is; without it this process serves no pages. */
  readonly clientFolder?: string
}

/** Everything answered over HTTP, in order of precedence. */
export function createHttpApp(deps: HttpAppDeps): Express {
  const { config, log, telemetry, access, quotas } = deps
  const client =
    deps.clientFolder === undefined
      ? undefined
      : createClientFiles(deps.clientFolder, config.publicUrl)
  const app = express()
  app.disable('x-powered-by')
  // A number of hops, never `true`: that would trust whatever a caller writes.
  app.set('trust proxy', config.trustedProxyHops)

  const forwarding = createForwardingWatch(config.trustedProxyHops, log)
  app.use(requestLog({ log, telemetry }), forwarding.handler)
  app.use(
    securityHeaders({
      scriptHashes: client?.scriptHashes ?? [],
      isHttps: config.publicUrl?.startsWith('https:') ?? false,
    }),
  )
  app.use(healthRoutes({ readiness, telemetry, log, metricsToken: config.metricsToken }))

  const router = Router()
  const endpoints: Endpoint[] = []
  const describe = (endpoint: Endpoint) => void endpoints.push(endpoint)
  const checkReplies = config.nodeEnv !== 'production'
  const answer = createAnswer({ access, quotas, checkReplies, describe })
  for (const feature of deps.features) feature.mount?.({ router, answer, describe })
  let reference: OpenApi | undefined
  // Built once: it costs more than any other answer, and anyone may ask.
  answer(router, getOpenApi, () => (reference ??= openApiOf(endpoints)))
  app.use(router)
  app.use('/api', nothingHere)

  if (client) app.use(client.handler)
  app.use(nothingHere)
  app.use(createFailureHandler({ log, telemetry }))
  return app

  async function readiness(): Promise<Readiness> {
    const { ok, parts } = await deps.readiness()
    const proxy = forwarding.part()
    return { ok, parts: proxy ? { ...parts, proxy } : parts }
  }
}

/** The server around the app, with the time limit for sending a request. */
export function createHttpServer(app: Express, config: Pick<Config, 'requestTimeoutMs'>): Server {
  return createServer(
    {
      // Events are written as they arrive, so a caller may have to wait for us: `event-body.ts` counts only
      // our wait for the caller. This is the final limit.
      requestTimeout: 10 * config.requestTimeoutMs,
      headersTimeout: Math.min(config.requestTimeoutMs, 15_000),
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 16_384,
    },
    app,
  )
}

function nothingHere(): never {
  throw new AppError('not_found', 'Not found.')
}

/** Every mounted route, such as `GET /api/v1/me`. */
export function routesOf(app: Express): string[] {
  return routesIn(app.router.stack)
}

type Layer = Express['router']['stack'][number]

function routesIn(stack: readonly Layer[]): string[] {
  return stack.flatMap(({ route, handle }) => {
    const { stack: inner } = handle as { readonly stack?: readonly Layer[] }
    const methods = new Set(route?.stack.map(({ method }) => method.toUpperCase()))
    const own = route ? [...methods].map((method) => `${method} ${route.path}`) : []
    return inner && !route ? [...own, ...routesIn(inner)] : own
  })
}
