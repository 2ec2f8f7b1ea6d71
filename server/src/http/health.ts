import { type IRouter, type Request, Router } from 'express'
import { AppError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Readiness } from '../core/readiness.ts'
import { hashSecret, secretMatches } from '../core/rights/api-key-form.ts'
import { isForwardingHeader, isLoopback } from '../core/rights/local-owner.ts'
import type { Telemetry } from '../core/telemetry.ts'

export interface HealthDeps {
  readonly readiness: () => Promise<Readiness>
  readonly telemetry: Telemetry
  readonly log: Log
  readonly readinessTimeoutMs?: number
  /** A scraper's Bearer token; without one only this machine may ask. */
  readonly metricsToken?: string | undefined
}

/** `/healthz` says that the process runs, `/readyz` which dependency is lost, `/metrics` the rest. */
export function healthRoutes(deps: HealthDeps): IRouter {
  const { readiness, telemetry, log, readinessTimeoutMs = 2_000 } = deps
  const router = Router()

  router.get('/healthz', (_, response) => {
    response.set('Cache-Control', 'no-store').json({ status: 'up' })
  })

  router.get('/readyz', async (_, response) => {
    const { ok, parts } = await withinTime(checked())
    const whole = Object.values(parts).every((part) => part.ok)
    const status = !ok ? 'unavailable' : whole ? 'ready' : 'degraded'
    if (!ok) response.set('Retry-After', '1')
    response
      .status(ok ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json({ status, parts })
  })

  router.get('/metrics', async (request, response) => {
    admitToMetrics(request, deps.metricsToken)
    response.set('Cache-Control', 'no-store').type(telemetry.contentType)
    response.send(await telemetry.text())
  })

  return router

  async function checked(): Promise<Readiness> {
    try {
      return await readiness()
    } catch (error) {
      log.error({ err: error }, 'failed to check readiness')
      return lost('could not be checked')
    }
  }

  async function withinTime(answer: Promise<Readiness>): Promise<Readiness> {
    const { promise, resolve } = Promise.withResolvers<Readiness>()
    const timer = setTimeout(resolve, readinessTimeoutMs, lost('did not respond in time'))
    try {
      return await Promise.race([answer, promise])
    } finally {
      clearTimeout(timer)
    }
  }
}

/** A server's metrics tell competitors and attackers a lot: they are for its operator. */
function admitToMetrics({ headers, socket }: Request, token: string | undefined): void {
  if (token === undefined) {
    const isForwarded = Object.keys(headers).some(isForwardingHeader)
    if (isLoopback(socket.remoteAddress ?? '') && !isForwarded) return
    throw new AppError('forbidden', 'Set METRICS_TOKEN to read metrics from another machine.')
  }
  const given = headers.authorization?.replace(/^Bearer +/i, '') ?? ''
  if (!secretMatches(given, hashSecret(token))) {
    throw new AppError('unauthorized', 'Send METRICS_TOKEN as "Authorization: Bearer …".')
  }
}

function lost(detail: string): Readiness {
  return { ok: false, parts: { server: { ok: false, detail } } }
}
