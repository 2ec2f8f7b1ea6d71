import { randomUUID } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import type { Log } from '../core/log.ts'
import { parseApiKey } from '../core/rights/api-key-form.ts'
import type { Principal } from '../core/rights/principal.ts'
import type { Telemetry } from '../core/telemetry.ts'
import { truncatedAddress } from './truncated-address.ts'

/** Gives each request an id, and one log line and two metrics when answered; never its body. */
export function requestLog({ log, telemetry }: { log: Log; telemetry: Telemetry }): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now()
    const requestId = randomUUID()
    response.set('X-Request-Id', requestId)
    response.once('close', () => {
      const ms = performance.now() - startedAt
      const status = response.statusCode
      const method = methodOf(request.method)
      telemetry.observe('http_request_seconds', { method }, ms / 1_000)
      telemetry.count('http_requests_total', { method, status: classOf(status) })
      const line = {
        requestId,
        method: request.method,
        path: loggedPath(request),
        status,
        ms: Math.round(ms),
        ...(status >= 400 && refused(request, response)),
        ...(!response.writableFinished && { aborted: true }),
      }
      if (status >= 500) log.warn(line, 'request failed')
      else if (status >= 400) log.info(line, 'request refused')
      else log.debug(line, 'request answered')
    })
    next()
  }
}

/** Who was refused, as far as possible without naming a person: by account or key, and network. */
function refused(request: Request, { locals }: Response): Record<string, unknown> {
  const principal = locals.principal as Principal | null | undefined
  const key = principal?.kind === 'key' ? principal.keyId : keyIdIn(request)
  const account = principal?.kind === 'user' ? principal.userId : locals.account
  return {
    ...(key !== undefined && { key_id: key }),
    ...(typeof account === 'string' && { account }),
    network: truncatedAddress(request.ip),
  }
}

/** The id of the given key, valid or not; never its secret. */
function keyIdIn({ headers }: Request): string | undefined {
  return parseApiKey(headers.authorization?.replace(/^Bearer +/i, '').trim() ?? '')?.id
}

/**
 * The pattern of the route, such as `/api/v1/creators/:creator_id/people/:user_id`: a path may name a person,
 * and a query may contain private data. An address without a route is unknown, so nothing is logged.
 */
function loggedPath({ route }: Request): string {
  return typeof route?.path === 'string' ? route.path : '(no route)'
}

function methodOf(method: string) {
  return method === 'GET' || method === 'POST' || method === 'DELETE' ? method : 'other'
}

function classOf(status: number) {
  if (status >= 500) return '5xx'
  if (status >= 400) return '4xx'
  if (status >= 300) return '3xx'
  return status >= 200 ? '2xx' : '1xx'
}
