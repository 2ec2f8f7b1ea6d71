import type { Failure } from '@creatorflow/shared/errors'

/** Errors of form fields, by the server's field names. */
export function fieldErrors(failure: Failure | null): Readonly<Record<string, string>> {
  const fields = failure?.details?.fields
  if (!Array.isArray(fields)) return {}
  return Object.fromEntries(
    fields
      .filter((field) => typeof field?.path === 'string' && typeof field?.message === 'string')
      .map(({ path, message }) => [path, message]),
  )
}

/** A failure in words, with what to do. */
export function failureWords(failure: Failure): string {
  if (failure.code === 'rate_limited' && failure.retry_after_ms !== undefined) {
    return `${failure.message.replace(/\.$/, '')} (in ${waitWords(failure.retry_after_ms)}).`
  }
  const fields = Object.entries(fieldErrors(failure))
  if (failure.code !== 'invalid_input' || fields.length === 0) return failure.message
  return `${fields.map(([path, message]) => `${capital(path.replaceAll('_', ' '))} ${message}`).join('. ')}.`
}

function waitWords(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000))
  if (seconds < 100) return seconds === 1 ? '1 second' : `${seconds} seconds`
  return `${Math.ceil(seconds / 60)} minutes`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
