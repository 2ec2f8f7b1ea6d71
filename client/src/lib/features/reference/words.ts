import type { ErrorCode } from '@creatorflow/shared/errors'

/** What each code of a failure asks of a program. */
export const errorWords: Readonly<Record<ErrorCode, string>> = {
  invalid_input: 'Something in the request is wrong. The message names the field and the reason.',
  unauthorized: 'No key or sign-in, or one that has expired or was revoked.',
  code_required: 'The password is right; send the code of the second factor as well.',
  forbidden: 'The key or person lacks the permission that the endpoint names.',
  not_found: 'There is nothing of that name, or the caller may not know of it.',
  not_live: 'The creator has no LIVE now.',
  conflict: 'It contradicts what is stored. The message says what to change.',
  gone: 'It was deleted on purpose, such as events past their retention.',
  too_large: 'The body, or what was asked for, is over a limit. Ask for less at a time.',
  unsupported_media: 'Send JSON with the content type `application/json`.',
  too_many: 'Too many connections are open.',
  rate_limited: 'Too many requests. Wait for `retry_after_ms`, then try again.',
  internal: 'A fault of this server, which logged it. Try again later.',
  unavailable: 'The database or the bus is away for a moment. Try again.',
  update_needed: 'The data belongs to a later release. Update this server.',
  insufficient_storage: 'The disk is full. Free space, then try again: nothing was lost.',
}

/** How a failure reads. */
export const failureExample = `{
  "error": {
    "code": "rate_limited",
    "message": "Too many events. Try again in 2 seconds.",
    "retry_after_ms": 2000
  }
}`
