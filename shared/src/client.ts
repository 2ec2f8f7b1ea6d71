import type { z } from 'zod'
import { backoffMs } from './backoff.ts'
import type { Failure } from './errors.ts'
import type { EventType } from './event-types.ts'
import type { eventSchemas } from './events.ts'
import type { IngestAccount } from './ingest-account.ts'

/** An event of one type, as a sender writes it. */
export type EventOf<T extends EventType> = z.input<(typeof eventSchemas)[T]>
/** Any event, as a sender writes it. */
export type OutgoingEvent = { [T in EventType]: EventOf<T> }[EventType]

export interface ClientOptions {
  /** The server's address, such as `https://live.example.com`. */
  readonly url: string
  /** An API key that may write events; on the server's own machine an embedded database needs none. */
  readonly key?: string | undefined
  /** `history` is for imports: it yields to live traffic. */
  readonly lane?: 'live' | 'history'
  /** Include the indexes of duplicate and superseded events in the account. */
  readonly listDuplicates?: boolean
  /** How often one request is tried before `send` gives up. */
  readonly attempts?: number
  /** Called before a request is sent again. */
  readonly onRetry?: (reason: string, waitMs: number) => void
}

export interface Client {
  /**
   * Sends any number of events and returns one account of them; its indexes count over all. Transient
   * failures (429, 503, no answer) are retried: an id counts once, so that is harmless. Throws `SendError`.
   */
  send(events: Iterable<OutgoingEvent>): Promise<IngestAccount>
}

/** Why events could not be sent, in words. */
export class SendError extends Error {
  /** HTTP status of the server's answer; undefined if there was none. */
  readonly status: number | undefined
  /** The account of events before the failure; all others may be sent again. */
  readonly account: IngestAccount | undefined
  constructor(message: string, status?: number, account?: IngestAccount) {
    super(message)
    this.name = 'SendError'
    this.status = status
    this.account = account
  }
}

// The few names of Node and of every browser that this needs, since shared code is checked without either.
declare const AbortSignal: { timeout(ms: number): unknown }
declare function setTimeout(done: () => void, ms: number): unknown
declare function fetch(url: string, request: Readonly<Record<string, unknown>>): Promise<Answer>
interface Answer {
  readonly ok: boolean
  readonly status: number
  readonly headers: { get(name: string): string | null }
  json(): Promise<unknown>
}

/** Of one request: far below a server's limit, and small enough to be repeated quickly. */
const REQUEST_EVENTS = 5_000
const REQUEST_CHARACTERS = 4_000_000
const REQUEST_TIMEOUT_MS = 120_000
const ATTEMPTS = 8
/** Transient statuses: too much at once, database away, disk full. */
const passing: ReadonlySet<number> = /* @__PURE__ */ new Set([429, 503, 507])
const waits = { firstMs: 500, longestMs: 60_000 }

/** A sender of events. It needs nothing but `fetch`, so it runs in Node and in browsers. */
export function createClient(options: ClientOptions): Client {
  const { url, key, lane, listDuplicates = false, attempts = ATTEMPTS, onRetry } = options
  const query = [
    ...(lane === undefined ? [] : [`lane=${lane}`]),
    ...(listDuplicates ? ['list=duplicates'] : []),
  ].join('&')
  const address = `${url.replace(/\/+$/, '')}/api/v1/events${query && `?${query}`}`
  const headers = {
    'content-type': 'application/x-ndjson',
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
  }

  async function post(body: string): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
      let status: number | undefined
      let reason: string
      let waitMs = backoffMs(attempt, waits)
      try {
        const answer = await fetch(address, { method: 'POST', headers, body, signal })
        if (!passing.has(answer.status)) return answer
        status = answer.status
        reason = await failureIn(answer)
        waitMs = retryAfterMs(answer) ?? waitMs
      } catch (error) {
        reason = noAnswerFrom(url, error)
      }
      if (attempt >= attempts) throw new SendError(reason, status)
      onRetry?.(reason, waitMs)
      await new Promise<void>((done) => setTimeout(done, waitMs))
    }
  }

  async function sendLines(lines: readonly string[]): Promise<IngestAccount> {
    const answer = await post(lines.join(''))
    if (!answer.ok) throw new SendError(await failureIn(answer), answer.status)
    // The server's contract; the sum below would be wrong for anything else.
    const account = (await answer.json()) as IngestAccount
    // A server of an earlier release knows no revisions.
    const { accepted, duplicates, superseded = 0, rejected } = account
    const told = accepted + duplicates + superseded + rejected.length
    if (told === lines.length) return { ...account, superseded }
    throw new SendError(
      `the server’s reply covers ${told} of ${lines.length} events`,
      answer.status,
    )
  }

  return {
    async send(events) {
      const total: IngestAccount = {
        accepted: 0,
        duplicates: 0,
        superseded: 0,
        conflicts: [],
        rejected: [],
      }
      if (listDuplicates) {
        total.duplicate_indexes = []
        total.superseded_indexes = []
      }
      let sent = 0
      try {
        for (const lines of requestsOf(events)) {
          const account = await sendLines(lines)
          total.accepted += account.accepted
          total.duplicates += account.duplicates
          total.superseded += account.superseded
          for (const index of account.duplicate_indexes ?? []) {
            total.duplicate_indexes?.push(sent + index)
          }
          for (const index of account.superseded_indexes ?? []) {
            total.superseded_indexes?.push(sent + index)
          }
          for (const one of account.conflicts) {
            total.conflicts.push({ ...one, index: sent + one.index })
          }
          for (const one of account.rejected) {
            total.rejected.push({ ...one, index: sent + one.index })
          }
          sent += lines.length
        }
      } catch (error) {
        if (!(error instanceof SendError)) throw error
        throw new SendError(error.message, error.status, total)
      }
      return total
    },
  }
}

/** The events as lines, in batches of one request. */
function* requestsOf(events: Iterable<OutgoingEvent>): Generator<string[]> {
  let lines: string[] = []
  let characters = 0
  for (const event of events) {
    const line = `${JSON.stringify(event)}\n`
    if (lines.length === REQUEST_EVENTS || characters + line.length > REQUEST_CHARACTERS) {
      if (lines.length > 0) yield lines
      lines = []
      characters = 0
    }
    lines.push(line)
    characters += line.length
  }
  if (lines.length > 0) yield lines
}

/** The message of a failed answer. */
export async function failureIn(answer: Pick<Answer, 'status' | 'json'>): Promise<string> {
  // A proxy in between may answer with anything.
  const body = await answer.json().catch(() => undefined)
  const message = (body as { error?: Partial<Failure> } | undefined)?.error?.message
  return `the server returned ${answer.status}${message === undefined ? '' : `: ${message}`}`
}

/** The message for an unreachable server. */
export function noAnswerFrom(url: string, error: unknown): string {
  const { cause, message } = error as {
    message: string
    cause?: { code?: string; message?: string }
  }
  // If several addresses were tried, the cause holds a list with an empty message.
  return `no response from ${url} (${cause?.code ?? (cause?.message || message)})`
}

function retryAfterMs(answer: Answer): number | undefined {
  const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN)
  if (!(seconds >= 0)) return undefined
  return Math.min(seconds * 1_000 * (1 + Math.random() / 10), waits.longestMs)
}
