import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { isUnavailable } from '@creatorflow/db/database'
import express, { type Request, type Response } from 'express'
import { AppError } from '../../core/errors.ts'
import { discardRest } from '../../http/body-bytes.ts'
import type { Feature } from '../../http/feature.ts'
import type { SourceDefinition } from './definition.ts'
import type { SourceKindDeps } from './kind-deps.ts'
import { createKnownSources } from './known-sources.ts'
import type { Pushed, Receiver } from './pushed.ts'
import { createRefusalNotes } from './refusals.ts'
import { type SourceKinds, slugOf } from './registry.ts'
import type { SourceRow } from './source.ts'

/** Shops wait 3 s (TikTok) or 5 s (Shopify), including the network. */
const ANSWER_MS = 2_500
const ID_CHARACTERS = 200
const TOPIC_CHARACTERS = 200

type Pushing = Pick<SourceDefinition, 'kind' | 'account'> & { readonly receiver: Receiver<never> }

/**
 * The one receiver for deliveries of every kind of source: 200 with an empty body once they are durable in
 * the inbox, the same 401 for a wrong signature and for an unknown source, 503 if they could not be stored in
 * time. The sender then retries, and the same delivery counts once.
 */
export function createReceiver({
  sourceKinds,
  database,
  inbox,
  sealer,
  config,
  log,
}: Pick<SourceKindDeps, 'database' | 'inbox' | 'sealer' | 'log'> & {
  readonly sourceKinds: SourceKinds
  readonly config: Pick<SourceKindDeps['config'], 'maxWebhookBytes'>
}): Feature {
  const known = createKnownSources(database, sealer)
  const noteRefusal = createRefusalNotes(database, log)
  // Safe: the server's configuration holds the variables of every kind that it knows.
  const ofKinds = config as never
  const byPath = new Map<string, Pushing>()
  for (const { kind, account, receiver } of sourceKinds.values()) {
    if (receiver) byPath.set(slugOf(kind), { kind, account, receiver })
  }
  // Never unpacked: the signature is over the bytes as sent.
  const readBody = express.raw({ type: () => true, limit: config.maxWebhookBytes, inflate: false })

  async function receive(request: Request, to: Pushing): Promise<void> {
    const id = String(request.params.source_id).toLowerCase()
    const found = isUuid(id) ? await known.byId(to.kind, id) : null
    const body: unknown = request.body
    const pushed: Pushed = {
      headers: request.headers,
      body: body instanceof Uint8Array ? body : new Uint8Array(),
    }
    if (!found) throw unsigned()
    const { source, secrets } = found
    if (!to.receiver.verify(pushed, secrets, ofKinds)) {
      await noteRefusal(source)
      throw unsigned()
    }
    const { id: ownId, topic, account } = to.receiver.identify(pushed, source)
    const isElsewhere = account !== undefined && !to.account.isShared
    const addressee = isElsewhere ? await addresseeOf(to, account, pushed, source) : source
    const isNew = await inbox.put(addressee, {
      id: ownId !== undefined && isUsable(ownId) ? ownId : digestOf(pushed.body),
      topic: topic.slice(0, TOPIC_CHARACTERS).toWellFormed().replaceAll('\0', ''),
      body: pushed.body,
    })
    if (!isNew) log.debug({ source: addressee.id }, 'a delivery was repeated')
  }

  /** The source of that account, if the same signature is valid there too; otherwise the named one. */
  async function addresseeOf(
    to: Pushing,
    account: string,
    pushed: Pushed,
    at: SourceRow,
  ): Promise<SourceRow> {
    const found = await known.byAccount(to.kind, account)
    return found && to.receiver.verify(pushed, found.secrets, ofKinds) ? found.source : at
  }

  return {
    name: 'webhook receiver',
    mount({ router }) {
      router.post('/api/v1/webhooks/:kind/:source_id', async (request, response) => {
        const to = byPath.get(request.params.kind)
        if (!to) throw new AppError('not_found', 'Not found.')
        response.set('Cache-Control', 'no-store')
        try {
          await bodyOf(request, response)
        } catch (error) {
          await discardRest(request)
          throw error
        }
        await inTime(stored(receive(request, to)))
        response.status(200).end()
      })
    },
  }

  /** Whatever fails, the sender has to keep the delivery and retry. */
  function stored(received: Promise<void>): Promise<void> {
    return received.catch((error: unknown) => {
      if (error instanceof AppError) throw error
      if (!isUnavailable(error)) log.error({ err: error }, 'failed to store a delivery')
      throw unavailable('The delivery could not be stored.', error)
    })
  }

  function bodyOf(request: Request, response: Response): Promise<void> {
    return new Promise((resolve, reject) => {
      readBody(request, response, (error) => (error ? reject(error) : resolve()))
    })
  }
}

/** Rejects when `received` takes too long for the waiting sender; its work continues. */
async function inTime(received: Promise<void>): Promise<void> {
  const answered = new AbortController()
  const tooLate = delay(ANSWER_MS, undefined, { signal: answered.signal }).then(() => {
    throw unavailable('The delivery could not be stored in time.')
  })
  try {
    await Promise.race([received, tooLate])
  } finally {
    tooLate.catch(() => {})
    received.catch(() => {})
    answered.abort()
  }
}

const unsigned = () => new AppError('unauthorized', 'Invalid signature.')

function unavailable(message: string, cause?: unknown): AppError {
  return new AppError('unavailable', `${message} Send it again.`, { cause, retryAfterMs: 5_000 })
}

const isUuid = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)

/** Whether the database can hold it unchanged. */
function isUsable(id: string): boolean {
  return id !== '' && id.length <= ID_CHARACTERS && id.isWellFormed() && !id.includes('\0')
}

function digestOf(body: Uint8Array): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`
}
