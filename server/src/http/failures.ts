import { errorStatus } from '@creatorflow/shared/errors'
import type { ErrorRequestHandler } from 'express'
import { AppError, toFailure } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Telemetry } from '../core/telemetry.ts'

/** The last handler: anything thrown becomes `{error: Failure}` with its status. */
export function createFailureHandler(deps: {
  readonly log: Log
  readonly telemetry: Telemetry
}): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error, _request, response, _next) => {
    const requestId = response.get('X-Request-Id')
    const failure = toFailure(fromExpress(error), deps.log.child({ requestId }))
    deps.telemetry.count('failures_total', { code: failure.code })
    // Half an answer cannot be taken back: the caller sees it break off.
    if (response.headersSent || response.destroyed) return void response.destroy()
    if (failure.retry_after_ms !== undefined) {
      response.set('Retry-After', String(Math.ceil(failure.retry_after_ms / 1_000)))
    }
    if (failure.code === 'unauthorized') response.set('WWW-Authenticate', 'Bearer')
    response
      .status(errorStatus[failure.code])
      .set('Cache-Control', 'no-store')
      .json({ error: failure })
  }
}

/** Errors of express and its body parser carry a status; their messages are about the caller's input. */
function fromExpress(error: unknown): unknown {
  if (!(error instanceof Error) || !('status' in error)) return error
  const cause = { cause: error }
  switch (error.status) {
    case 404:
      return new AppError('not_found', 'Not found.', cause)
    case 413:
      return new AppError('too_large', 'The body is too large.', cause)
    case 415:
      return new AppError('unsupported_media', 'The body’s encoding is not supported.', cause)
    default: {
      const isInput = typeof error.status === 'number' && error.status < 500
      return isInput ? new AppError('invalid_input', 'The request can’t be read.', cause) : error
    }
  }
}
