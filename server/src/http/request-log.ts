import { randomUUID } from 'node:crypto'
import type { RequestHandler } from 'express'
import type { Log } from '../log.ts'
import type { Telemetry } from '../telemetry.ts'

/** Gives each request an id, and one line and two measurements when it is answered; never its body. */
export function requestLog({ log, telemetry }: { log: Log; telemetry: Telemetry }): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now()
    const requestId = randomUUID()
    response.set('X-Request-Id', requestId)
    // Express rewrites `request.url` inside routers, and a query may hold what nobody should read.
    const { path } = request
    response.once('close', () => {
      const ms = performance.now() - startedAt
      const status = response.statusCode
      const method = methodOf(request.method)
      telemetry.observe('http_request_seconds', { method }, ms / 1_000)
      telemetry.count('http_requests_total', { method, status: classOf(status) })
      const line = {
        requestId,
        method: request.method,
        path,
        status,
        ms: Math.round(ms),
        ...(!response.writableFinished && { aborted: true }),
      }
      if (status >= 500) log.warn(line, 'request failed')
      else if (status >= 400) log.info(line, 'request refused')
      else log.debug(line, 'request answered')
    })
    next()
  }
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
