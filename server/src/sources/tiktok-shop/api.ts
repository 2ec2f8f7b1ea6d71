import { setTimeout as delay } from 'node:timers/promises'
import { backoffMs } from '@creatorflow/shared/backoff'
import type { SourceProblem } from '@creatorflow/shared/sources'
import type { z } from 'zod'
import type { Log } from '../../core/log.ts'
import { plainWords, wordsOfIssues } from '../runtime/plain-words.ts'
import { type Answer, readAnswer } from './answer.ts'
import { type AppKeys, signRequest } from './signature.ts'

/** Ends a conversation with the API: repeating it would not help. */
export class ShopApiError extends Error {
  readonly problem: Extract<SourceProblem, 'api_refused' | 'reconnect' | 'unreadable'>
  constructor(problem: ShopApiError['problem'], detail: string) {
    super(detail)
    this.name = 'ShopApiError'
    this.problem = problem
  }
}

export interface ShopRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: object
}

/**
 * The signed API of one shop. Transient failures are retried until the signal ends; then it rejects with its
 * reason.
 */
export interface ShopApi {
  /** Throws ShopApiError: `api_refused`, `reconnect`, and `unreadable` for an answer in another format. */
  ask<S extends z.ZodType>(request: ShopRequest, form: S): Promise<z.output<S>>
  /** TikTok Shop's clock, epoch ms, as far as known. */
  now(): number
}

/** A transient problem exists, or is over. */
export type Trouble =
  | { readonly problem: SourceProblem; readonly detail: string; readonly retryAt: number }
  | undefined

const waits = { firstMs: 500, longestMs: 60_000 }
/** Whatever wait they ask for, we retry within this time. */
const MOST_PATIENCE_MS = 15 * 60_000
/** One failed try is not reported, a wait this long is. */
const NEWS_WAIT_MS = 5_000

/** One HTTP request; no answer in time is a transient failure. */
export type Fetching = (attempt: {
  readonly url: URL
  readonly method: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}) => Promise<Answer>

/** `hide` removes secrets from the service's message: it may repeat what it was sent. */
export function createFetching({
  timeoutMs,
  signal,
  hide,
}: {
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly hide: (text: string) => string
}): Fetching {
  return async (attempt) => {
    const answer = await once(attempt)
    return answer.kind === 'data' ? answer : { ...answer, detail: hide(answer.detail) }
  }

  async function once({ url, method, headers = {}, body }: Parameters<Fetching>[0]) {
    try {
      const response = await fetch(url, {
        method,
        headers,
        ...(body !== undefined && { body }),
        // Tokens go only to the configured address.
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      })
      const text = await response.text()
      return readAnswer({ status: response.status, headers: response.headers, text }, Date.now())
    } catch (error) {
      signal.throwIfAborted()
      return { kind: 'again', problem: 'api_unavailable', detail: reasonOf(error) } as const
    }
  }
}

/** Retries with growing waits while a problem passes; other callers meanwhile wait too if told so. */
export function createPatience({
  log,
  signal,
  told,
}: {
  readonly log: Log
  readonly signal: AbortSignal
  readonly told: (trouble: Trouble) => void
}) {
  let pausedUntil = 0
  return async function insist(
    attempt: () => Promise<Answer>,
  ): Promise<Exclude<Answer, { kind: 'again' }>> {
    for (let tries = 1; ; tries++) {
      const pause = pausedUntil - Date.now()
      if (pause > 0) await delay(pause, undefined, { signal })
      const answer = await attempt()
      if (answer.kind !== 'again') {
        if (answer.kind === 'data') told(undefined)
        return answer
      }
      const { problem, detail, afterMs = 0 } = answer
      const waitMs = Math.min(Math.max(afterMs, backoffMs(tries, waits)), MOST_PATIENCE_MS)
      const retryAt = Date.now() + waitMs
      if (problem === 'rate_limited') pausedUntil = Math.max(pausedUntil, retryAt)
      if (tries > 1 || waitMs >= NEWS_WAIT_MS) told({ problem, detail, retryAt })
      log.debug({ detail, waitMs: Math.round(waitMs), tries }, 'retrying a TikTok Shop request')
      await delay(waitMs, undefined, { signal })
    }
  }
}

/** What calls are authorized with. */
export interface Tokens {
  /** One still valid for a while, as far as we know. */
  current(): Promise<string>
  /** A different one than this; simultaneous callers get the same. Throws `reconnect` if there is none any more. */
  renew(stale: string): Promise<string>
}

export function createApi({
  keys,
  baseUrl,
  tokens,
  insist,
  fetching,
  log,
}: {
  readonly keys: AppKeys
  readonly baseUrl: string
  readonly tokens: Tokens
  readonly insist: ReturnType<typeof createPatience>
  readonly fetching: Fetching
  readonly log: Log
}): ShopApi {
  let aheadMs = 0
  const now = () => Date.now() + aheadMs

  async function attempt({ method, path, query = {}, body }: ShopRequest, token: string) {
    const text = body && JSON.stringify(body)
    const signed = {
      ...query,
      app_key: keys.appKey,
      timestamp: String(Math.floor(now() / 1_000)),
    }
    const sign = signRequest(
      { path, query: signed, ...(text !== undefined && { body: text }) },
      keys.appSecret,
    )
    const url = new URL(path, baseUrl)
    for (const [name, value] of Object.entries({ ...signed, sign })) {
      url.searchParams.set(name, value)
    }
    const headers = { 'content-type': 'application/json', 'x-tts-access-token': token }
    return fetching({ url, method, headers, ...(text !== undefined && { body: text }) })
  }

  async function answerTo(request: ShopRequest): Promise<unknown> {
    let token = await tokens.current()
    let isRenewed = false
    let isCorrected = false
    for (;;) {
      const answer = await insist(() => attempt(request, token))
      if (answer.kind === 'data') return answer.data
      if (answer.kind === 'token' && !isRenewed) {
        isRenewed = true
        token = await tokens.renew(token)
      } else if (answer.kind === 'clock' && !isCorrected) {
        isCorrected = true
        aheadMs = answer.aheadMs
        log.warn({ aheadMs }, 'this machine’s clock is wrong; using TikTok Shop’s time for its API')
      } else {
        throw new ShopApiError(
          answer.kind === 'token' ? 'reconnect' : 'api_refused',
          `${request.path}: ${answer.detail}`,
        )
      }
    }
  }

  return {
    now,
    async ask(request, form) {
      const read = form.safeParse(await answerTo(request))
      if (read.success) return read.data
      throw new ShopApiError('unreadable', `${request.path}: ${wordsOfIssues(read.error.issues)}`)
    },
  }
}

/** In words, without the address: it contains secrets when tokens are requested. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'Can’t reach TikTok Shop.'
  if (error.name === 'TimeoutError') return 'TikTok Shop didn’t respond in time.'
  const { cause } = error
  const words = plainWords(cause instanceof Error ? cause.message : error.message)
  return `Can’t reach TikTok Shop. ${words}`
}
