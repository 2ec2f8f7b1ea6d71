/** Every way a request can fail, with its HTTP status. */
export const errorStatus = {
  invalid_input: 400,
  unauthorized: 401,
  /** The password is right; the second factor is missing. */
  code_required: 401,
  forbidden: 403,
  not_found: 404,
  not_live: 404,
  conflict: 409,
  /** It existed and was dropped on purpose. */
  gone: 410,
  too_large: 413,
  unsupported_media: 415,
  too_many: 429,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
  /** The data is from a later release than this server. */
  update_needed: 503,
  /** The database's disk is full, or nearly. */
  insufficient_storage: 507,
} as const

export type ErrorCode = keyof typeof errorStatus

/** A failure on the wire, by HTTP (inside `error`) and by socket (inside a `Result`). */
export interface Failure {
  readonly code: ErrorCode
  readonly message: string
  readonly details?: Readonly<Record<string, unknown>>
  readonly retry_after_ms?: number
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: Failure }

/** Every reason for rejecting one event of a request while the others are accepted. */
export const rejectCodes = [
  'invalid_json',
  'line_too_long',
  'invalid_event',
  'unknown_type',
  'creator_required',
  'creator_unknown',
  'creator_forbidden',
  'ts_future',
  'ts_too_old',
  'beyond_retention',
  'internal',
] as const

export type RejectCode = (typeof rejectCodes)[number]
