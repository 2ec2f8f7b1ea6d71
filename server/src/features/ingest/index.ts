import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import type { ErrorCode } from '@creatorflow/shared/errors'
import { createTypeSuggestions } from '@creatorflow/shared/event-types'
import { postEvents } from '@creatorflow/shared/features/ingest'
import type { IngestAccount } from '@creatorflow/shared/ingest-account'
import type { Request } from 'express'
import { AppError } from '../../core/errors.ts'
import { allowedCreators } from '../../core/rights/authorize.ts'
import type { Principal } from '../../core/rights/principal.ts'
import type { AcceptedEvent } from '../../eventlog/accepted-event.ts'
import { discardRest } from '../../http/body-bytes.ts'
import { type BodyLimits, readEvents } from '../../http/event-body.ts'
import type { Feature } from '../../http/feature.ts'
import type { Access } from '../../identity/access/access.ts'
import { accept } from '../../pipeline/accept.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import type { LaneName } from '../../pipeline/write-lines.ts'
import { over, type Quotas } from '../../quotas/quotas.ts'
import { emptyAccount, sendAccount } from './account.ts'

export interface IngestDeps {
  readonly access: Access
  readonly pipeline: Pipeline
  readonly config: BodyLimits
  readonly quotas: Quotas
}

/** Events of one request written together, and how many such chunks may be in flight. */
const CHUNK_EVENTS = 1_000
const CHUNKS_IN_FLIGHT = 2
/** Items after which others get their turn: buffered items would otherwise be processed in one go. */
const ITEMS_A_TURN = 250
/** Failures that end a body in the middle, after valid lines. */
const endsBody: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['too_large', 'invalid_input'])

/** Only the sender knows when a past event happened. */
const noTime = {
  code: 'invalid_event',
  message: 'ts: is required with lane=history',
} as const

/** `POST /api/v1/events`: the endpoint through which every event enters. */
export function createIngestFeature({ access, pipeline, config, quotas }: IngestDeps): Feature {
  return {
    name: 'ingest',
    mount({ router, describe }) {
      describe(postEvents)
      router.post(postEvents.path, async (request, response) => {
        const principal = await authenticate(access, request)
        response.locals.principal = principal
        const lane = laneOf(request)
        const account = emptyAccount()
        if (listsDuplicates(request)) {
          account.duplicate_indexes = []
          account.superseded_indexes = []
        }
        response.set('Cache-Control', 'no-store')
        try {
          await ingest(request, principal, lane, account)
        } catch (error) {
          await discardRest(request)
          if (!request.complete) response.set('Connection', 'close')
          // Events before the end are stored, so the answer must account for them.
          if (!(error instanceof AppError) || !endsBody.has(error.code)) throw error
          const { code, message } = error
          return sendAccount(response, account, { code, message })
        }
        return sendAccount(response, account)
      })
    },
  }

  async function ingest(
    request: Request,
    principal: Principal,
    lane: LaneName,
    account: IngestAccount,
  ): Promise<void> {
    const receivedAt = Date.now()
    const suggest = createTypeSuggestions()
    const inFlight = new Set<Promise<void>>()
    let chunk: Chunk = { events: [], indexes: [] }
    let isFirst = true
    let failure: { error: unknown } | undefined
    let read = 0
    let broken: { error: unknown } | undefined

    const send = () => {
      const full = chunk
      chunk = { events: [], indexes: [] }
      if (full.events.length === 0) return
      const sent = hold(quotas, full.events, { mayRefuse: isFirst })
        .then(() => pipeline.submit(full.events, lane))
        .then((outcomes) => addOutcomes(account, full, outcomes))
        .catch((error: unknown) => {
          failure ??= { error }
        })
        .finally(() => inFlight.delete(sent))
      isFirst = false
      inFlight.add(sent)
    }
    try {
      reading: for await (const items of readEvents(request, config)) {
        for (const item of items) {
          if (failure) break reading
          if (++read % ITEMS_A_TURN === 0) await nextTurn()
          if ('flaw' in item) {
            account.rejected.push({ index: item.index, code: item.flaw, message: item.message })
            continue
          }
          const accepted = accept(item.value, principal, receivedAt, suggest)
          if (!accepted.ok) {
            account.rejected.push({ index: item.index, ...accepted.reject })
            continue
          }
          if (lane === 'history' && accepted.event.incoming.ts === undefined) {
            account.rejected.push({ index: item.index, ...noTime })
            continue
          }
          chunk.events.push(accepted.event)
          chunk.indexes.push(item.index)
          if (chunk.events.length < CHUNK_EVENTS) continue
          send()
          if (inFlight.size >= CHUNKS_IN_FLIGHT) await Promise.race(inFlight)
        }
      }
    } catch (error) {
      broken = { error }
    }
    // Also if the body broke off: earlier lines are sent, and their answers awaited.
    send()
    await Promise.all(inFlight)
    // A chunk that was not written matters more than the end of the body: all of it must be sent again.
    const reason = failure ?? broken
    if (reason) throw reason.error
  }
}

interface Chunk {
  readonly events: AcceptedEvent[]
  readonly indexes: number[]
}

async function authenticate(access: Access, request: Request): Promise<Principal> {
  const authentication = await access.authenticate(request)
  access.checkOrigin(request, authentication)
  if (!authentication) {
    throw new AppError('unauthorized', 'Send an API key as "Authorization: Bearer …".')
  }
  const { principal } = authentication
  if (allowedCreators(principal, 'ingest:write').length === 0) {
    throw new AppError('forbidden', 'This key or user can’t write events.')
  }
  return principal
}

function laneOf(request: Request): LaneName {
  const { lane } = request.query
  if (lane === undefined || lane === 'live') return 'live'
  if (lane === 'history') return 'history'
  throw new AppError('invalid_input', 'lane must be live or history.')
}

function listsDuplicates(request: Request): boolean {
  const { list } = request.query
  if (list === undefined) return false
  if (list === 'duplicates') return true
  throw new AppError('invalid_input', 'list must be duplicates.')
}

/** Enforces each creator's quota: the first events of a request are refused, later ones wait. */
async function hold(
  quotas: IngestDeps['quotas'],
  events: readonly AcceptedEvent[],
  { mayRefuse }: { readonly mayRefuse: boolean },
): Promise<void> {
  const byCreator = Map.groupBy(events, ({ creator_id }) => creator_id)
  for (const creatorId of byCreator.keys()) {
    for (let waitMs = await quotas.eventsWaitMs(creatorId); waitMs > 0; ) {
      if (mayRefuse) throw over('events per second', waitMs)
      await delay(waitMs)
      waitMs = await quotas.eventsWaitMs(creatorId)
    }
  }
  for (const [creatorId, own] of byCreator) await quotas.spendEvents(creatorId, own.length)
}

/** Adds the outcome of each event of a chunk to the answer. */
function addOutcomes(
  account: IngestAccount,
  chunk: Chunk,
  outcomes: Awaited<ReturnType<Pipeline['submit']>>,
): void {
  outcomes.forEach((outcome, n) => {
    const index = chunk.indexes[n] as number
    if (outcome.kind === 'accepted') account.accepted++
    else if (outcome.kind === 'duplicate') {
      account.duplicates++
      account.duplicate_indexes?.push(index)
      const id = chunk.events[n]?.incoming.id ?? ''
      if (outcome.conflict) account.conflicts.push({ index, id })
    } else if (outcome.kind === 'superseded') {
      account.superseded++
      account.superseded_indexes?.push(index)
    } else {
      account.rejected.push({ index, code: outcome.code, message: outcome.message })
    }
  })
}
