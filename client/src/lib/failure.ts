import type { Failure } from '@creatorflow/shared/errors'
import { m } from '#messages'

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
    return m.app_message_in_wait({
      message: failure.message.replace(/\.$/, ''),
      wait: waitWords(failure.retry_after_ms),
    })
  }
  const fields = Object.entries(fieldErrors(failure))
  if (failure.code !== 'invalid_input' || fields.length === 0) return failure.message
  return `${fields.map(([path, message]) => `${capital(path.replaceAll('_', ' '))} ${message}`).join('. ')}.`
}

function waitWords(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000))
  if (seconds < 100) return m.app_n_seconds({ n: seconds })
  return m.app_n_minutes({ n: Math.ceil(seconds / 60) })
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
