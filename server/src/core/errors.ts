import { errorCode, isDiskFull, isUnavailable } from '@creatorflow/db/database'
import type { ErrorCode, Failure } from '@creatorflow/shared/errors'
import { isUnknownType } from '@creatorflow/shared/feeds'
import { ZodError } from 'zod'
import type { Log } from './log.ts'

export interface AppErrorOptions {
  readonly cause?: unknown
  readonly details?: Readonly<Record<string, unknown>>
  readonly retryAfterMs?: number
}

/** The one error that edges throw on purpose; its message is written for the caller. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>> | undefined
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.details = options.details
    this.retryAfterMs = options.retryAfterMs
  }
}

const databaseRetryMs = 1_000
/** Someone has to make room. */
const diskRetryMs = 5_000
/** SQLSTATEs of text that PostgreSQL cannot hold, such as U+0000. */
const unstorableText = ['22021', '22P05']

/** A fold failure as a caller may see it; a defect is logged where it is caught. */
export function toFoldError(error: unknown): AppError {
  if (error instanceof AppError) return error
  if (isUnknownType(error)) {
    return new AppError(
      'update_needed',
      'This server is older than the data. Update it to see these numbers.',
      { cause: error },
    )
  }
  return new AppError('unavailable', 'The numbers of this creator can’t be calculated right now.', {
    retryAfterMs: 5_000,
    cause: error,
  })
}

/** Turns anything thrown into what a caller may see; unexpected errors are logged and become `internal`. */
export function toFailure(error: unknown, log: Log): Failure {
  if (isUnknownType(error)) return toFailure(toFoldError(error), log)
  if (error instanceof AppError) {
    return {
      code: error.code,
      message: error.message,
      ...(error.details && { details: error.details }),
      ...(error.retryAfterMs !== undefined && { retry_after_ms: error.retryAfterMs }),
    }
  }
  if (error instanceof ZodError) {
    return {
      code: 'invalid_input',
      message: 'The input is not valid.',
      details: { fields: fieldErrors(error) },
    }
  }
  if (isDiskFull(error)) {
    log.warn({ code: errorCode(error), err: error }, 'the disk of the database is full')
    return {
      code: 'insufficient_storage',
      message: 'The database’s disk is full; nothing was stored.',
      retry_after_ms: diskRetryMs,
    }
  }
  if (isUnavailable(error)) {
    log.warn({ code: errorCode(error), err: error }, 'database unavailable')
    return {
      code: 'unavailable',
      message: 'The database is not available; nothing was stored.',
      retry_after_ms: databaseRetryMs,
    }
  }
  if (unstorableText.includes(errorCode(error) ?? '')) {
    return { code: 'invalid_input', message: 'A text contains characters that can’t be stored.' }
  }
  log.error({ err: error }, 'unexpected error')
  return { code: 'internal', message: 'Something went wrong on the server.' }
}

function fieldErrors(error: ZodError): { path: string; message: string }[] {
  return error.issues
    .slice(0, 20)
    .map((issue) => ({ path: issue.path.map(String).join('.'), message: issue.message }))
}
