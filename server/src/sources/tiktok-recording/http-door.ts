import { setTimeout as sleep } from 'node:timers/promises'
import type { IncomingEvent } from '@creatorflow/shared/events'
import type { NewCreator } from '@creatorflow/shared/features/creators'
import type { IngestAccount } from '@creatorflow/shared/features/ingest'

/** A failure to tell a person at a terminal, in words that say what to do. */
export class ImportError extends Error {}

export interface HttpDoor {
  /** Adds the creator; one that is there already stays as it is. */
  createCreator(creator: NewCreator): Promise<'created' | 'exists' | 'not_allowed'>
  /** Sends events of one request and returns the server's account of every one. */
  send(events: readonly IncomingEvent[], lane: 'live' | 'history'): Promise<IngestAccount>
}

export interface DoorOptions {
  readonly url: string
  readonly key?: string | undefined
  /** Told when a request has to be sent again. */
  readonly onRetry: (reason: string, waitMs: number) => void
}

const REQUEST_TIMEOUT_MS = 120_000
const ATTEMPTS = 8
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 60_000

/** The server's HTTP API as a caller of it. All methods throw `ImportError` when it is of no use. */
export function openDoor({ url, key, onRetry }: DoorOptions): HttpDoor {
  async function post(path: string, contentType: string, body: string): Promise<Response> {
    return fetch(new URL(path, url), {
      method: 'POST',
      headers: {
        'content-type': contentType,
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
      },
      body,
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    })
  }

  /** Sending the same ids again is harmless, so whatever may pass is tried again. */
  async function postPatiently(path: string, contentType: string, body: string): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      let reason: string
      let waitMs = Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), LONGEST_WAIT_MS)
      try {
        const response = await post(path, contentType, body)
        if (response.status !== 429 && response.status !== 503) return response
        reason = await failureOf(response)
        waitMs = retryAfterMs(response) ?? waitMs
      } catch (error) {
        reason = unreachable(url, error)
      }
      if (attempt === ATTEMPTS) throw new ImportError(reason)
      onRetry(reason, waitMs)
      await sleep(waitMs)
    }
  }

  return {
    async createCreator(creator) {
      // The first request is not repeated: without a server the person should hear of it at once.
      const response = await post(
        '/api/v1/creators',
        'application/json',
        JSON.stringify(creator),
      ).catch((error: unknown) => {
        throw new ImportError(`${unreachable(url, error)}. Start a server with "npm start".`)
      })
      if (response.status === 409) return 'exists'
      if (response.status === 403) return 'not_allowed'
      if (response.ok) return 'created'
      throw new ImportError(await failureOf(response))
    },
    async send(events, lane) {
      const path = lane === 'history' ? '/api/v1/events?lane=history' : '/api/v1/events'
      const body = events.map((event) => `${JSON.stringify(event)}\n`).join('')
      const response = await postPatiently(path, 'application/x-ndjson', body)
      if (!response.ok) throw new ImportError(await failureOf(response))
      const account = (await response.json()) as IngestAccount
      const told = account.accepted + account.duplicates + account.rejected.length
      if (told !== events.length) {
        throw new ImportError(`the server accounts for ${told} of ${events.length} events`)
      }
      return account
    },
  }
}

function unreachable(url: string, error: unknown): string {
  const { cause, message } = error as Error
  // Of several addresses tried the cause holds a list, whose message is empty.
  const code = (cause as { code?: string } | undefined)?.code
  return `no answer from ${url} (${code ?? (cause instanceof Error ? cause.message : message)})`
}

async function failureOf(response: Response): Promise<string> {
  const body = await response.json().catch(() => undefined)
  const message = (body as { error?: { message?: string } } | undefined)?.error?.message
  const hint = response.status === 401 ? ' Give a key with --key.' : ''
  return `the server answered ${response.status}${message ? `: ${message}` : ''}${hint}`
}

function retryAfterMs(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return seconds >= 0 ? Math.min(seconds * 1_000, LONGEST_WAIT_MS) : undefined
}
