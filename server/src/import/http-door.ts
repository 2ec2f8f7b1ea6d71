import type { OutgoingEvent } from '@creatorflow/shared/client'
import { createClient, failureIn, noAnswerFrom, SendError } from '@creatorflow/shared/client'
import type { IncomingEvent } from '@creatorflow/shared/events'
import type { NewCreator } from '@creatorflow/shared/features/creators'
import type { IngestAccount } from '@creatorflow/shared/features/ingest'

/** A failure to tell a person at a terminal, in words that say what to do. */
export class ImportError extends Error {}

export interface HttpDoor {
  /** Adds the creator; one that is there already stays as it is. */
  createCreator(creator: NewCreator): Promise<'created' | 'exists' | 'not_allowed'>
  /** Sends events and returns the server's account of every one. */
  send(events: readonly IncomingEvent[]): Promise<IngestAccount>
}

export interface DoorOptions {
  readonly url: string
  readonly key?: string | undefined
  readonly lane: 'live' | 'history'
  /** Told when a request has to be sent again. */
  readonly onRetry: (reason: string, waitMs: number) => void
}

const REQUEST_TIMEOUT_MS = 120_000

/** The server's HTTP API as a caller of it. All methods throw `ImportError` when it is of no use. */
export function openDoor(options: DoorOptions): HttpDoor {
  const { url, key } = options
  const client = createClient(options)
  return {
    async createCreator(creator) {
      // This request is not repeated: without a server the person should hear of it at once.
      const response = await fetch(new URL('/api/v1/creators', url), {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
        },
        body: JSON.stringify(creator),
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      }).catch((error: unknown) => {
        throw new ImportError(`${noAnswerFrom(url, error)}. Start a server with "npm start".`)
      })
      if (response.status === 409) return 'exists'
      if (response.status === 403) return 'not_allowed'
      if (response.ok) return 'created'
      throw new ImportError(withHint(await failureIn(response), response.status))
    },
    async send(events) {
      try {
        // They passed their schemas, which are what these types are made of.
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
