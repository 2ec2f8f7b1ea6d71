import type { OutgoingEvent } from '@creatorflow/shared/client'
import { createClient, failureIn, noAnswerFrom, SendError } from '@creatorflow/shared/client'
import type { IncomingEvent } from '@creatorflow/shared/events'
import type { NewCreator } from '@creatorflow/shared/features/creators'
import type { ImportRules } from '@creatorflow/shared/features/import'
import type { IngestAccount } from '@creatorflow/shared/ingest-account'

/** A failure to show to a person at a terminal, saying what to do. */
export class ImportError extends Error {}

/** The server cannot be reached. */
export class NoAnswerError extends ImportError {}

export interface HttpDoor {
  /** What the server knows of a creator; undefined for an unknown id. */
  rules(creatorId: string): Promise<ImportRules | undefined>
  /** Adds the creator; an existing one stays unchanged. */
  createCreator(creator: NewCreator): Promise<'created' | 'exists' | 'not_allowed'>
  /** Sends events and returns the server's account of every one. */
  send(events: readonly IncomingEvent[]): Promise<IngestAccount>
}

export interface DoorOptions {
  readonly url: string
  readonly key?: string | undefined
  readonly lane: 'live' | 'history'
  /** Called when a request has to be sent again. */
  readonly onRetry: (reason: string, waitMs: number) => void
}

const REQUEST_TIMEOUT_MS = 120_000

/** The server's HTTP API from a caller's side. All methods throw `ImportError` if it cannot be used. */
export function openDoor(options: DoorOptions): HttpDoor {
  const { url, key } = options
  const client = createClient({ ...options, listDuplicates: true })
  // These requests are not repeated: without a server the person should know at once.
  const ask = (method: string, path: string, body?: object) =>
    fetch(new URL(path, url), {
      method,
      headers: {
        ...(body && { 'content-type': 'application/json' }),
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    }).catch((error: unknown) => {
      throw new NoAnswerError(`${noAnswerFrom(url, error)}. Start a server with "npm start".`)
    })
  return {
    async rules(creatorId) {
      const response = await ask('GET', `/api/v1/creators/${creatorId}/import-rules`)
      if (response.status === 404) return undefined
      if (!response.ok) throw new ImportError(withHint(await failureIn(response), response.status))
      // The server's contract.
      return (await response.json()) as ImportRules
    },
    async createCreator(creator) {
      const response = await ask('POST', '/api/v1/creators', creator)
      if (response.status === 409) return 'exists'
      if (response.status === 403) return 'not_allowed'
      if (response.ok) return 'created'
      throw new ImportError(withHint(await failureIn(response), response.status))
    },
    async send(events) {
      try {
        // They passed their schemas, which these types come from.
        return await client.send(events as readonly OutgoingEvent[])
      } catch (error) {
        if (!(error instanceof SendError)) throw error
        throw new ImportError(withHint(error.message, error.status))
      }
    },
  }
}

function withHint(reason: string, status: number | undefined): string {
  return status === 401 ? `${reason} Give a key with --key.` : reason
}
