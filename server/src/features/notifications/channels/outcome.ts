import type { OutgoingAnswer } from '../../../core/outgoing/outgoing.ts'
import { clipped } from '../../../core/text/clipped.ts'

/**
 * How an attempt ended: `failed` is tried again, `refused` is final for this message, and `gone` is the end of the
 * target.
 */
export interface Outcome {
  readonly outcome: 'sent' | 'failed' | 'refused' | 'gone'
  readonly status: number | null
  readonly text: string | null
  /** What the receiver asks for. */
  readonly retryAfterMs?: number
}

export interface Reading {
  /** Statuses that no repetition changes, such as a wrong token. */
  readonly isFinal: (status: number) => boolean
  /** Statuses by which a receiver says that it is gone for good. */
  readonly isGone: (status: number) => boolean
  /** For services that say it in the body. */
  readonly retryAfterS?: (body: string) => number | undefined
}

const SAID_CHARACTERS = 200

/** What an answer means. */
export function outcomeOf(answer: OutgoingAnswer, reading: Reading, nowMs: number): Outcome {
  if (!answer.ok) {
    const outcome = answer.problem === 'forbidden' ? 'refused' : 'failed'
    return { outcome, status: null, text: answer.text }
  }
  const { status, headers, body } = answer
  if (status >= 200 && status < 300) return { outcome: 'sent', status, text: null }
  if (status >= 300 && status < 400) {
    const text = 'It redirects, and redirects are not followed. Enter the final address.'
    return { outcome: 'refused', status, text }
  }
  const text = said(body)
  if (reading.isGone(status)) return { outcome: 'gone', status, text }
  if (reading.isFinal(status)) return { outcome: 'refused', status, text }
  const retryAfterMs =
    secondsToMs(reading.retryAfterS?.(body)) ?? retryAfter(headers['retry-after'], nowMs)
  return { outcome: 'failed', status, text, ...(retryAfterMs !== undefined && { retryAfterMs }) }
}

/** Seconds, or a date. */
function retryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\d{1,9}(\.\d+)?$/.test(header)) return secondsToMs(Number(header))
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(at - nowMs, 0)
}

function secondsToMs(seconds: number | undefined): number | undefined {
  return seconds !== undefined && seconds >= 0 ? seconds * 1_000 : undefined
}

/** The beginning of what a receiver answered, as one line. */
function said(body: string): string | null {
  const line = body
    .toWellFormed()
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
  return line === '' ? null : clipped(line, SAID_CHARACTERS)
}
