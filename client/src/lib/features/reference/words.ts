import type { ErrorCode } from '@creatorflow/shared/errors'

/** What each code of a failure asks of a program. */
export const errorWords: Readonly<Record<ErrorCode, string>> = {
  invalid_input: 'The request is invalid. The message names the field and the reason.',
  unauthorized: 'The key or sign-in is missing, expired or revoked.',
  code_required: 'The password is correct; send the two-factor code as well.',
  forbidden: 'The key or person lacks the permission required by the endpoint.',
  not_found: 'It doesn’t exist, or the caller has no access to it.',
  not_live: 'The creator has no LIVE now.',
  conflict: 'It conflicts with stored data. The message says what to change.',
  gone: 'It was deleted intentionally, such as events past their retention.',
  too_large: 'The body or the requested result exceeds a limit. Request less at a time.',
  unsupported_media: 'Send JSON with the content type `application/json`.',
  too_many: 'Too many connections are open.',
  rate_limited: 'Too many requests. Wait for `retry_after_ms`, then try again.',
  internal: 'Something went wrong on the server; see its log. Try again later.',
  unavailable: 'The database or bus is temporarily unavailable. Try again.',
  update_needed: 'The data was written by a newer release. Update this server.',
  insufficient_storage: 'The disk is full. Free some space, then try again; nothing was lost.',
}

/** How a failure reads. */
export const failureExample = `{
  "error": {
    "code": "rate_limited",
    "message": "Too many events. Try again in 2 seconds.",
    "retry_after_ms": 2000
  }
}`
