import { randomUUID } from 'node:crypto'
import type { Database, Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { AppError } from '../core/errors.ts'
import { withLease } from '../core/lease.ts'
import { noteGivenUp, noteSettled } from '../pipeline/recount-notes.ts'
import { type AttributedLog, attributeLog } from './attribute-log.ts'
import { countLog } from './count-log.ts'
import { leaveDropped, readDropped } from './dropped.ts'
import type { LogPart } from './log-pages.ts'
import { inPortions, type StintSize } from './portions.ts'
import { otherClaims, putClaims } from './put-claims.ts'
import { type Counter, hole, isSameLog, readCounter } from './read-log.ts'
import { recountProgress } from './recount-progress.ts'
import { leaseOf, type RecountedClaims, recountedClaims } from './recounted-claims.ts'
import { restOfLog } from './rest-of-log.ts'
import { raiseGeneration, recountProjections, replaceLives, rowSteps } from './rewrite.ts'
import { type ChangedSettings, storeCounted } from './settings.ts'
import { type Stints, stintsOf } from './stints.ts'

/** LIVEs replaced in one transaction, with their pins. */
const LIVES_A_STEP = 50
const TAIL_ROWS_A_TIME = 1_000
/** A log that grows faster than it is caught up with still ends. */
const MOST_CATCH_UPS = 20

/** The request, and the log's position then. */
export interface Asked {
  readonly start: Counter
  readonly settings: ChangedSettings
  readonly signal?: AbortSignal | undefined
  /** Nothing is rewritten: a waiting note does not mention it. */
  readonly isRehearsal?: boolean
}

export interface Rewritten {
  /** Rows of the log that were rewritten. */
  readonly rewritten: number
  /** Whether screens have to start afresh. */
  readonly raised: boolean
}

/**
 * Re-attributes a whole log, page by page, and writes the changes in as many short transactions as it takes;
 * the last one raises the generation. Until then rows are a mix, and a note says so to screens. A writer
 * continues meanwhile: its events are settled further. After a crash, the next one finds the note and starts
 * over. `another` if the log has changed, and `gone` if there is none. Throws if a row is missing, before
 * anything is written. With dropped events, the kept ones are settled on top of what those left; another zone
 * or currency is a `conflict`.
 */
export function recountLog(
  database: Database,
  tenant: Tenant,
  asked: Asked,
  size: StintSize,
): Promise<Rewritten | 'gone' | 'another'> {
  return settleAgain(database, tenant, asked, size, (stand) => {
    const rewriter = { expected: asked.start, by: stand.claims.run, pinsOf: null }
    return stintsOf(database, tenant, rewriter, (stints) =>
      rewrite({ ...stand, stints }, asked, size),
    )
  })
}

/** A re-attributed log, and where its claims are counted. */
export interface Stand {
  readonly part: LogPart
  readonly attributed: AttributedLog
  readonly claims: RecountedClaims
  /** Called with the progress. */
  readonly told: (rows: number) => Promise<void>
}

/** Re-attributes a log and does the rest; afterwards nothing is left of its claims. */
export async function settleAgain<T>(
  database: Database,
  tenant: Tenant,
  { start, settings, signal: asked, isRehearsal = false }: Asked,
  size: StintSize,
  work: (stand: Stand) => Promise<T>,
): Promise<T | 'another'> {
  const { holes_until: holesUntil } = start
  const isWhole = holesUntil === 0
  if (!isWhole && settings.isCountedAnew) throw droppedAlready()
  const run = randomUUID()
  const claims = recountedClaims(database, tenant, run)
  let done: T | 'another' = 'another'
  await withLease(database, leaseOf(run), async (lost) => {
    const signal = asked ? AbortSignal.any([asked, lost]) : lost
    const until = isWhole ? start.seq : await claims.copyStored()
    const events = until - holesUntil
    const progress = isRehearsal ? undefined : await recountProgress(database, tenant, run, events)
    const told = async (rows: number) => {
      if (signal.aborted) throw interrupted()
      await progress?.(rows)
    }
    try {
      const part = { database, tenant, until, holesUntil, pageEvents: size.eventsAPage }
      const dropped = isWhole ? undefined : await readDropped(database, tenant, start.kept_since)
      if (dropped) await leaveDropped(part, settings, claims, dropped.keptSince, told)
      const attributed = await attributeLog(part, settings, claims, told, dropped)
      if (attributed.events === events) done = await work({ part, attributed, claims, told })
      else await refuseHole(database, tenant, start)
    } catch (error) {
      // Best effort: otherwise others wait until the sign of life is too old.
      if (!isRehearsal) await noteGivenUp(database, tenant, run).catch(() => {})
      throw error
    } finally {
      // Best effort: leftovers are deleted once the lease is over.
      await claims.forget().catch(() => {})
    }
  })
  return done
}

/** What was dropped or renamed meanwhile is not a hole. */
async function refuseHole(database: Database, tenant: Tenant, start: Counter): Promise<void> {
  const now = await readCounter(database, tenant)
  if (now && isSameLog(start, now)) throw hole(tenant)
}

async function rewrite(
  stand: Stand & { readonly stints: Stints },
  asked: Asked,
  size: StintSize,
): Promise<Rewritten> {
  const { part, attributed, claims, told, stints } = stand
  const { database, tenant } = part
  const { settings, start } = asked
  const since = part.holesUntil === 0 ? null : start.kept_since
  const replace = (tx: Transaction, ids: readonly string[]) =>
    replaceLives(tx, tenant, attributed, ids, since)
  const rest = restOfLog(stand, { creator: settings, guessed: start.guessed }, size.rowsAStep)
  let rewritten = 0
  const isRaised = () =>
    settings.isCountedAnew ||
    rewritten + rest.rewritten > 0 ||
    // Rows left half rewritten were read like that.
    start.rewritten_by !== null

  for await (const { changed, before } of countLog(part, settings, attributed, claims, told)) {
    rewritten += changed.length
    const { creatorId } = tenant
    for (const step of rowSteps(database, creatorId, changed, before, size.rowsAStep)) {
      await stints.commit((tx, { now }) => step(tx, now))
    }
  }
  for await (const { looked, keys } of otherClaims(database, tenant, claims.run)) {
    for (const portion of inPortions(keys, size.rowsAStep)) {
      await stints.commit((tx) => putClaims(tx, tenant, claims.run, portion))
    }
    await told(looked)
  }
  for (let rounds = 0; rounds < MOST_CATCH_UPS && (await rest.catchUp()); rounds++) await told(0)
  for (const ids of inPortions(await livesToPut(database, tenant, attributed), LIVES_A_STEP)) {
    await stints.commit(async (tx, counter) => {
      await rest.settle(tx, counter)
      await replace(tx, [...ids, ...rest.takeLives()])
    })
    await told(0)
  }
  if (isRaised()) await emptyTail(database, tenant, part.until)
  for (let rounds = 0; rounds < MOST_CATCH_UPS && (await rest.catchUp()); rounds++) await told(0)
  return stints.finish(async (tx, counter) => {
    await rest.settle(tx, counter)
    await replace(tx, rest.takeLives())
    await recountProjections(tx, tenant.creatorId)
    await storeCounted(tx, tenant, settings)
    await noteSettled(tx, tenant, settings.noted, rest.watch)
    const raised = isRaised()
    if (raised) await raiseGeneration(tx, tenant)
    return { rewritten: rewritten + rest.rewritten, raised }
  })
}

/** Every LIVE that is stored or should be. */
async function livesToPut(
  database: Database,
  { creatorId }: Tenant,
  { lives }: AttributedLog,
): Promise<string[]> {
  const stored = await database.query<{ session_id: string }>(sql`
    select session_id from lives where creator_id = ${creatorId}
    union select session_id from pin_marks where creator_id = ${creatorId}`)
  const ids = [...stored, ...lives.changed()].map(({ session_id }) => session_id)
  return [...new Set(ids)].sort()
}

/** The last transaction deletes what is left of the tail, and must be short: readers find the rest in the log. */
async function emptyTail(database: Database, { creatorId }: Tenant, until: number): Promise<void> {
  for (let gone = TAIL_ROWS_A_TIME; gone === TAIL_ROWS_A_TIME; ) {
    const [row] = await database.query<{ n: number }>(sql`
      with gone as (
        delete from tail where creator_id = ${creatorId} and seq = any(array(
          select seq from tail where creator_id = ${creatorId} and seq <= ${until}::bigint
          order by seq limit ${TAIL_ROWS_A_TIME}::int
        ))
        returning 1
      ) select count(*)::int as n from gone`)
    gone = row?.n ?? 0
  }
}

/** Why a log with dropped events is not counted by another zone or currency. */
export const droppedAlready = () =>
  new AppError(
    'conflict',
    'Old events of this creator are no longer kept (RETENTION_DAYS), so its days and sums can’t be recounted. ' +
      'Add another creator with this time zone or currency, and send new events to it.',
  )

/** The error of an aborted recount. */
export const interrupted = () =>
  new AppError('unavailable', 'The recount was interrupted and starts over.', {
    retryAfterMs: 1_000,
  })
