import { type Database, isUnavailable } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import { storable } from '../../dead-letters/dead-letters.ts'
import { markFailed, markReplayed, type WholeLetter } from '../../dead-letters/queries.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import { offer } from '../../sources/runtime/intake.ts'
import type { SourcedEvent, SourceKind } from '../../sources/runtime/source.ts'
import { findSource } from '../../sources/runtime/store.ts'

export interface ReplayDeps {
  readonly database: Database
  readonly pipeline: Pick<Pipeline, 'submit'>
  readonly kinds: ReadonlyMap<string, SourceKind>
}

const REASON_CHARACTERS = 1_000

/**
 * Retries a letter and returns whether it was understood and stored. Repeating it is harmless: its events
 * have the same ids each time. Rejects with `unavailable` while the database is away, leaving the letter
 * unchanged.
 */
export async function replayLetter(
  deps: ReplayDeps,
  tenant: Tenant,
  letter: WholeLetter,
): Promise<boolean> {
  const read = await eventsOf(deps, tenant, letter)
  const problem =
    'reason' in read ? read.reason : await store(deps, tenant, read.events, letter.received_at)
  if (problem === undefined) await markReplayed(deps.database, letter.id)
  else await markFailed(deps.database, letter.id, storable(problem, REASON_CHARACTERS))
  return problem === undefined
}

type Read = { readonly events: readonly SourcedEvent[] } | { readonly reason: string }

async function eventsOf(
  { database, kinds }: ReplayDeps,
  { creatorId }: Tenant,
  { source_id, topic, raw, event }: WholeLetter,
): Promise<Read> {
  if (!raw) return event ? { events: [{ event, raw: event }] } : { reason: 'the message is empty' }
  const source = source_id === null ? undefined : await findSource(database, source_id)
  if (source?.creator_id !== creatorId) {
    return { reason: 'Its source was removed, so the message can’t be read.' }
  }
  const kind = kinds.get(source.kind)
  if (!kind) return { reason: `This server doesn’t support the source type ${source.kind}.` }
  try {
    return { events: await kind.replay(source, { topic: topic ?? '', raw }) }
  } catch (error) {
    if (isUnavailable(error)) throw error
    return { reason: error instanceof Error ? error.message : String(error) }
  }
}

/** Undefined if every event is stored, now or before. */
async function store(
  { pipeline }: ReplayDeps,
  { creatorId }: Tenant,
  events: readonly SourcedEvent[],
  receivedAt: Date,
): Promise<string | undefined> {
  const { refused, failedInside } = await offer(
    (batch) => pipeline.submit(batch, 'live'),
    creatorId,
    events,
    // Events without a time happened then, not now.
    receivedAt.getTime(),
  )
  const [first] = refused
  if (first) return first.reason
  return failedInside > 0 ? 'internal: it still can’t be stored; see the server log' : undefined
}
