import { setImmediate as others } from 'node:timers/promises'
import type { Database, Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { CreatorChange } from '@creatorflow/shared/features/creators'
import { AppError } from '../core/errors.ts'
import type { CreatorRow } from '../eventlog/accepted-event.ts'
import type { EventRow } from '../eventlog/event-row.ts'
import { noteSettled, readPinsOf } from '../pipeline/recount-notes.ts'
import { lockCounter } from './lock-counter.ts'
import { type StintSize, stintSizeOf } from './portions.ts'
import { readDroppedPins, readEvidence, readKnown } from './read-evidence.ts'
import { firstNumber, hole, isSameLog, type Kept, readCounter, readRows } from './read-log.ts'
import { type Asked, type Rewritten, recountLog } from './recount-log.ts'
import { recountPins } from './recount-pins.ts'
import { attributeKept, countKept, type RederivedKept } from './rederive-kept.ts'
import { raiseGeneration, rewriteKept } from './rewrite.ts'
import { readSettings, storeSettings } from './settings.ts'
import { claimed } from './stints.ts'

/** The database ends a transaction that asks nothing for 5 s. */
const SIGN_OF_LIFE_MS = 1_000
const ATTEMPTS = 3

/** How a recount is done. */
export interface RecountOptions {
  /** Runs in the transaction that changes a setting. */
  readonly also?: (tx: Transaction) => Promise<void>
  readonly size?: StintSize
  /** Ends it early, as `unavailable`. */
  readonly signal?: AbortSignal
}

/**
 * Settles the whole log of a creator again, with its settings changed when some are given: after it, claims, LIVEs,
 * pins and every decided column are what they would be if all had been known from the first event on. Numbers
 * never change. Undefined when there is no such creator. Of a log with dropped events only what is kept is settled again,
 * in one transaction, and another zone or currency is a `conflict`: what was dropped cannot be counted anew.
 */
export async function resettleCreator(
  database: Database,
  tenant: Tenant,
  change: CreatorChange = {},
  { also, size = stintSizeOf(database), signal }: RecountOptions = {},
): Promise<Rewritten | undefined> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const start = await readCounter(database, tenant)
    const settings = await readSettings(database, tenant, change)
    if (!start || !settings) return undefined
    // Who rewrites it would have the whole log read in vain.
    if (start.is_claimed) throw claimed()
    const asked = { start, settings, also, signal }
    const done = await (start.holes_until === 0
      ? recountLog(database, tenant, asked, size)
      : recountKept(database, tenant, asked))
    if (done !== 'another') return done === 'gone' ? undefined : done
  }
  throw claimed()
}

/** Settles what a note asks for: the pins of some LIVEs, or the whole log. */
export async function recountNoted(
  database: Database,
  tenant: Tenant,
  options: Omit<RecountOptions, 'also'> = {},
): Promise<Rewritten | undefined> {
  const pinsOf = await readPinsOf(database, tenant)
  const start = await readCounter(database, tenant)
  if (pinsOf && start) {
    const { size = stintSizeOf(database), signal } = options
    const done = await recountPins(database, tenant, { start, pinsOf }, size, signal)
    if (typeof done === 'object') return done
  }
  return resettleCreator(database, tenant, {}, options)
}

/** Changes what only screens show: nothing is settled again, however long the log is. */
export async function changeShown(
  database: Database,
  tenant: Tenant,
  change: Pick<CreatorChange, 'name' | 'locale'>,
  also?: (tx: Transaction) => Promise<void>,
): Promise<Rewritten | undefined> {
  return database.transaction(async (tx) => {
    await lockCounter(tx, tenant)
    const settings = await readSettings(tx, tenant, change)
    if (!settings) return undefined
    await storeSettings(tx, tenant, settings)
    if (settings.isChanged) await raiseGeneration(tx, tenant)
    if (settings.isChanged) await also?.(tx)
    return { rewritten: 0, raised: settings.isChanged }
  })
}

/** A log with dropped events is settled in one transaction: what those left is read in it. */
async function recountKept(
  database: Database,
  tenant: Tenant,
  { start, settings, also }: Asked,
): Promise<Rewritten | 'gone' | 'another'> {
  // Rows of one generation never change, so all but the newest are read before anybody has to wait.
  const kept: Kept = { rows: [], until: await firstNumber(database, tenant, start) }
  if (!(await readRows(database, database, tenant, kept, start))) {
    const now = await readCounter(database, tenant)
    // What was dropped meanwhile is no hole.
    if (now && now.kept_since === start.kept_since) throw hole(tenant)
    return 'another'
  }
  return database.transaction(async (tx) => {
    await lockCounter(tx, tenant)
    const counter = await readCounter(tx, tenant)
    if (!counter) return 'gone'
    if (!isSameLog(start, counter)) return 'another'
    if (!(await readRows(tx, database, tenant, kept, counter))) throw hole(tenant)
    if (settings.isCountedAnew) throw droppedAlready()
    const { rows } = kept
    const rederived = await rederiveKept(tx, tenant, rows, settings, counter.kept_since)
    const { changed } = rederived
    const marks = { now: counter.now, keptSince: counter.kept_since }
    await rewriteKept(tx, database, tenant, rederived, rowsBefore(rows, changed), marks)
    await storeSettings(tx, tenant, settings)
    if (settings.isChanged) await also?.(tx)
    // Every note of a writer was made under the lock that is held here.
    await noteSettled(tx, tenant)
    const raised = settings.isChanged || changed.length > 0 || start.rewritten_by !== null
    if (raised) await raiseGeneration(tx, tenant)
    return { rewritten: changed.length, raised }
  })
}

function rowsBefore(rows: readonly EventRow[], changed: readonly EventRow[]) {
  const numbers = new Set(changed.map(({ seq }) => seq))
  return new Map(rows.filter(({ seq }) => numbers.has(seq)).map((row) => [row.seq, row]))
}

async function rederiveKept(
  tx: Transaction,
  tenant: Tenant,
  rows: readonly EventRow[],
  creator: Pick<CreatorRow, 'id' | 'time_zone' | 'currency'>,
  keptSince: number,
): Promise<RederivedKept> {
  const evidence = await readEvidence(tx, tenant, rows, keptSince)
  const attributed = await inTurns(attributeKept(rows, creator, evidence), tx)
  const known = {
    claims: await readKnown(tx, attributed.claimsToRead),
    pins: await readDroppedPins(
      tx,
      tenant,
      evidence.lives.map(({ session_id }) => session_id),
      keptSince,
    ),
  }
  return inTurns(countKept(rows, creator, evidence, attributed, known), tx)
}

function droppedAlready(): AppError {
  return new AppError(
    'conflict',
    'Old events of this creator are no longer kept (RETENTION_DAYS), so its days and sums can’t be recounted. ' +
      'Add another creator with this time zone or currency, and send new events to it.',
  )
}

/** Runs to the end, and lets others have their turn in between. */
async function inTurns<T>(steps: Generator<undefined, T>, tx?: Transaction): Promise<T> {
  for (let asked = performance.now(); ; ) {
    const step = steps.next()
    if (step.done) return step.value
    await others()
    if (!tx || performance.now() - asked < SIGN_OF_LIFE_MS) continue
    await tx.query(sql`select 1`)
    asked = performance.now()
  }
}
