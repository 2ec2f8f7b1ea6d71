import { z } from 'zod'
import { readJson } from './read-json.ts'

/** What an API answer means for the caller. */
export type Answer =
  | { readonly kind: 'data'; readonly data: unknown }
  /** Transient: the same may be asked again, after `afterMs` at the earliest. */
  | {
      readonly kind: 'again'
      readonly problem: 'api_unavailable' | 'rate_limited'
      readonly detail: string
      readonly afterMs?: number
    }
  /** The access token is expired or invalid. */
  | { readonly kind: 'token'; readonly detail: string }
  /** Our clock is wrong: theirs is this far ahead. */
  | { readonly kind: 'clock'; readonly detail: string; readonly aheadMs: number }
  | { readonly kind: 'refused'; readonly detail: string }

const body = z.looseObject({
  code: z.coerce.number(),
  message: z.string().nullish(),
  data: z.unknown().optional(),
})

const tooMany: ReadonlySet<number> = new Set([36009002, 36009037])
const passing: ReadonlySet<number> = new Set([36009003, 36009007, 12001000, 25020008])
const tokenCodes: ReadonlySet<number> = new Set([105001, 105002, 105003, 105004])
/** One code for many invalid requests: its message tells them apart. */
const INVALID = 36009004
/** A clock further off than this is not the reason. */
const MOST_SKEW_MS = 24 * 3_600_000

/** Reads an answer of the API. `now` is our clock, epoch ms. */
export function readAnswer(
  { status, headers, text }: { status: number; headers: Headers; text: string },
  now: number,
): Answer {
  const read = bodyOf(text)
  const code = read?.code
  const detail = `HTTP ${status}, code ${code ?? 'none'}: ${read?.message ?? 'no message'}`
  if (status === 429 || tooMany.has(code ?? 0)) {
    const afterMs = retryAfterMs(headers.get('retry-after'), now)
    return {
      kind: 'again',
      problem: 'rate_limited',
      detail,
      ...(afterMs !== undefined && { afterMs }),
    }
  }
  if (status >= 500 || read === undefined || passing.has(read.code)) {
    return { kind: 'again', problem: 'api_unavailable', detail }
  }
  if (read.code === 0 && status < 300) return { kind: 'data', data: read.data }
  if (tokenCodes.has(read.code)) return { kind: 'token', detail }
  if (read.code === INVALID && /access_token|x-tts-access-token/i.test(read.message ?? '')) {
    return { kind: 'token', detail }
  }
  const aheadMs = Date.parse(headers.get('date') ?? '') - now
  if (/timestamp/i.test(read.message ?? '') && Math.abs(aheadMs) <= MOST_SKEW_MS) {
    return { kind: 'clock', detail, aheadMs }
  }
  return { kind: 'refused', detail }
}

function bodyOf(text: string): z.output<typeof body> | undefined {
  try {
    return body.safeParse(readJson(text)).data
  } catch {
    return undefined
  }
}

/** Seconds, or a date. */
function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - now
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}
