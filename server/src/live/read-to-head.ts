import type { Database } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import { AppError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Telemetry } from '../core/telemetry.ts'
import { readOrigin } from '../eventlog/checkpoint.ts'
import { isSuccessor, renewIdentity } from '../eventlog/database-identity.ts'
import { type LogHead, readPage } from '../eventlog/log-reader.ts'
import type { LogMessage } from '../eventlog/publish.ts'
import { type FollowedState, isSameLog, type Standing, wentBack } from './followed-state.ts'

export interface ReadDeps {
  readonly database: Database
  readonly log: Log
  readonly telemetry: Telemetry
}

export type ReadReason = 'start' | 'hole' | 'poll'

/** Reads one log, one read at a time. */
export interface Reader {
  /** Keeps a message for the current read; false if there is none. */
  keep(message: LogMessage): boolean
  /**
   * Reads to the head, and returns when that was asked for. Throws `not_found` for an unknown creator, and
   * what `take` throws.
   */
  read(reason: ReadReason): Promise<number>
  readonly isClosed: boolean
  /** The current read stops after its page. */
  close(): void
}

/** Messages kept while the log is read; lost ones past the limit are holes like any other. */
const MAX_KEPT_MESSAGES = 100

export function createReader(deps: ReadDeps, tenant: Tenant, followed: FollowedState): Reader {
  let reading: Promise<number> | undefined
  let kept: LogMessage[] = []
  let isClosed = false
  const meanwhile: Meanwhile = {
    takeMessages: () => kept.splice(0),
    get isClosed() {
      return isClosed
    },
  }
  return {
    keep(message) {
      if (!reading) return false
      if (kept.length < MAX_KEPT_MESSAGES) kept.push(message)
      return true
    },
    read(reason) {
      if (reading) return reading
      deps.telemetry.count('follow_reads_total', { reason })
      reading = readToHead(deps, tenant, followed, meanwhile).finally(() => {
        reading = undefined
        kept = []
      })
      return reading
    },
    get isClosed() {
      return isClosed
    },
    close() {
      isClosed = true
    },
  }
}

/** Work done alongside a read. */
interface Meanwhile {
  /** Takes the messages that arrived since the last call. */
  takeMessages(): LogMessage[]
  readonly isClosed: boolean
}

/** Reads page by page until nothing is missing, from a new start if the state is no longer of this log. */
async function readToHead(
  deps: ReadDeps,
  tenant: Tenant,
  followed: FollowedState,
  meanwhile: Meanwhile,
): Promise<number> {
  const { database, telemetry } = deps
  let mayLeap = followed.phase !== 'empty'
  if (!mayLeap) await begin(deps, tenant, followed)
  while (!meanwhile.isClosed) {
    const from = followed.position
    const { base } = followed
    const askedAt = performance.now()
    const page = await readPage(database, tenant, from.seq, base)
    if (!page) throw notFound(tenant)
    const { head, events, isFromTail } = page
    const isOtherBase = base !== undefined && base.keptSince !== page.keptSince
    if ((await isOtherLog(deps, tenant, followed, head, from)) || isOtherBase) {
      telemetry.count('follow_reads_total', { reason: 'epoch' })
      followed.lose()
      await begin(deps, tenant, followed)
      mayLeap = false
      continue
    }
    if (from.seq < head.seq && events.length === 0 && !base) {
      // Dropped meanwhile: the newest checkpoint has it.
      if (page.holesUntil <= from.seq) throw new Error('the log has a hole')
      await begin(deps, tenant, followed)
      mayLeap = false
      continue
    }
    followed.take(events)
    const missed = meanwhile.takeMessages().filter((message) => !followed.accept(message))
    const { seq } = followed.position
    if (seq >= head.seq && missed.length === 0) {
      followed.reachHead()
      return askedAt
    }
    // Older than the tail: a checkpoint may be nearer to the head than the rest of the log.
    if (!isFromTail && mayLeap) await begin(deps, tenant, followed, seq)
    mayLeap &&= isFromTail
  }
  // Closed: nothing was confirmed.
  return Number.NEGATIVE_INFINITY
}

/** From the newest checkpoint, or from nothing; with `past`, only if that is further than the state. */
async function begin(
  { database, log }: ReadDeps,
  tenant: Tenant,
  followed: FollowedState,
  past = -1,
): Promise<void> {
  const origin = await readOrigin(database, tenant, log)
  if (!origin) throw notFound(tenant)
  if (origin.state.seq > past) followed.begin(origin)
}

/** Whether a head is of another log than the state; an older copy of the database gets a new identity first. */
async function isOtherLog(
  { database, log, telemetry }: ReadDeps,
  { creatorId }: Tenant,
  { identity }: FollowedState,
  head: LogHead,
  from: Standing,
): Promise<boolean> {
  const isSame = isSameLog(head, identity)
  const isOlderCopy = isSame
    ? wentBack(head, from)
    : // A copy from before the last renewal brings an epoch back that a sleeping screen may still hold.
      head.database_id !== identity.database_id &&
      !(await isSuccessor(database, identity.database_id))
  if (!isOlderCopy) return !isSame
  // Events that were on screens are gone or different, under the epoch those screens know. A new identity of
  // the database is a new epoch for all of them; of several nodes that notice, one sets it.
  telemetry.count('follow_reads_total', { reason: 'older_copy' })
  const renewed = await renewIdentity(database, head.database_id)
  log.error(
    { creator_id: creatorId, had_seq: from.seq, found_seq: head.seq, renewed },
    'the database was replaced by an older copy; all screens reload',
  )
  return true
}

function notFound({ creatorId }: Tenant): AppError {
  return new AppError('not_found', `Creator "${creatorId}" not found.`)
}
