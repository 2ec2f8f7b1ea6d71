import { setImmediate as others } from 'node:timers/promises'
import { type Database, errorCode, type Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Creator } from '@creatorflow/shared/creator'
import type { CreatorChange } from '@creatorflow/shared/features/creators'
import { AppError } from '../core/errors.ts'
import type { CreatorRow } from '../eventlog/accepted-event.ts'
import type { EventRow } from '../eventlog/event-row.ts'
import { readDroppedPins, readEvidence, readKnown } from './read-evidence.ts'
import { type Counter, firstNumber, type Kept, readCounter, readRows } from './read-log.ts'
import { rederive } from './rederive.ts'
import { attributeKept, countKept, type RederivedKept } from './rederive-kept.ts'
import { raiseGeneration, rewrite, rewriteKept } from './rewrite.ts'

export interface Resettled {
  /** Rows of the log that were rewritten. */
  readonly rewritten: number
  /** Whether screens have to read anew. */
  readonly raised: boolean
}

/** The database ends a transaction that asks nothing for 5 s. */
const SIGN_OF_LIFE_MS = 1_000
/** Others that wait behind this one are not held up by a lock that somebody keeps. */
const LOCK_MS = 2_000
const ATTEMPTS = 3

/**
 * Settles the whole log of a creator again, with its settings changed when some are given, in one
 * transaction: after it, claims, LIVEs, pins and every decided column are what they would be if all had been
 * known from the first event on. Numbers never change. Undefined when there is no such creator.
 * `also` runs in that transaction when a setting changed.
 * Throws `too_large` for a log past the limit. Of a log with dropped events only what is kept is settled again,
 * and another zone or currency is a `conflict`: what was dropped cannot be counted anew.
 */
export async function resettleCreator(
  database: Database,
  tenant: Tenant,
  settings: CreatorChange = {},
  also?: (tx: Transaction) => Promise<void>,
): Promise<Resettled | undefined> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const start = await readCounter(database, tenant)
    if (!start) return undefined
    // Rows of one generation never change, so all but the newest are read before anybody has to wait.
    const kept: Kept = { rows: [], until: await firstNumber(database, tenant, start) }
    if (!(await readRows(database, database, tenant, kept, start))) {
      const now = await readCounter(database, tenant)
      // What was dropped meanwhile is no hole.
      if (now && now.kept_since === start.kept_since) throw hole(tenant)
      continue
    }
    const done = await database.transaction(async (tx) => {
      await lockCounter(tx, tenant)
      const counter = await readCounter(tx, tenant)
      if (!counter) return { resettled: undefined }
      const isSame =
        counter.generation === start.generation && counter.kept_since === start.kept_since
      if (!isSame) return undefined
      if (!(await readRows(tx, database, tenant, kept, counter))) throw hole(tenant)
      const resettled = await settleAgain(tx, database, tenant, kept.rows, counter, settings, also)
      return { resettled }
    })
    if (done) return done.resettled
  }
  throw new AppError('unavailable', 'The log is being settled by somebody else.', {
    retryAfterMs: 1_000,
  })
}

/** Changes what only screens show: nothing is settled again, however long the log is. */
export async function changeShown(
  database: Database,
  tenant: Tenant,
  settings: Pick<CreatorChange, 'name' | 'locale'>,
  also?: (tx: Transaction) => Promise<void>,
): Promise<Resettled | undefined> {
  return database.transaction(async (tx) => {
    await lockCounter(tx, tenant)
    if (!(await readCounter(tx, tenant))) return undefined
    const { isChanged } = await changeSettings(tx, tenant, settings)
    if (isChanged) await raiseGeneration(tx, tenant)
    if (isChanged) await also?.(tx)
    return { rewritten: 0, raised: isChanged }
  })
}

async function lockCounter(tx: Transaction, { creatorId }: Tenant): Promise<void> {
  await tx.query(sql`select set_config('lock_timeout', ${String(LOCK_MS)}, true)`)
  try {
    await tx.query(sql`
      select 1 from counters where creator_id = ${creatorId} for no key update`)
  } catch (error) {
    if (errorCode(error) !== '55P03') throw error
    throw new AppError('unavailable', 'This creator is busy. Try again in a moment.', {
      retryAfterMs: 1_000,
      cause: error,
    })
  }
}

async function settleAgain(
  tx: Transaction,
  database: Database,
  tenant: Tenant,
  rows: readonly EventRow[],
  { holes_until, kept_since: keptSince }: Counter,
  settings: CreatorChange,
  also: ((tx: Transaction) => Promise<void>) | undefined,
): Promise<Resettled> {
  const { now, isChanged, isCountedAnew, ...creator } = await changeSettings(tx, tenant, settings)
  if (isChanged) await also?.(tx)
  let changed: readonly EventRow[]
  if (holes_until === 0) {
    const rederived = await inTurns(rederive(rows, creator), tx)
    changed = rederived.changed
    await rewrite(tx, database, tenant, rederived, rowsBefore(rows, changed), now)
  } else {
    if (isCountedAnew) throw droppedAlready()
    const rederived = await rederiveKept(tx, tenant, rows, creator, keptSince)
    changed = rederived.changed
    const marks = { now, keptSince }
    await rewriteKept(tx, database, tenant, rederived, rowsBefore(rows, changed), marks)
  }
  // Every note of a writer was made under the lock that is held here.
  await tx.query(sql`delete from resettle where creator_id = ${tenant.creatorId}`)
  const raised = isChanged || changed.length > 0
  if (raised) await raiseGeneration(tx, tenant)
  return { rewritten: changed.length, raised }
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
    'Old events of this creator were dropped (RETENTION_DAYS), and their days and sums cannot be counted anew. ' +
      'Add another creator with this zone or currency and send it what is yet to come.',
  )
}

function hole({ creatorId }: Tenant): Error {
  return new Error(`the log of ${creatorId} has a hole: it cannot be settled again`)
}

/** The creator as it shall be from now on, and the database's clock. */
async function changeSettings(
  tx: Transaction,
  { creatorId }: Tenant,
  settings: CreatorChange,
): Promise<Omit<Creator, 'kind'> & { now: number; isChanged: boolean; isCountedAnew: boolean }> {
  const [row] = await tx.query<Omit<Creator, 'kind'> & { now: Date }>(sql`
    select id, name, time_zone, currency, locale, clock_timestamp() as now
    from creators where id = ${creatorId}`)
  if (!row) throw new Error(`creator ${creatorId} is gone while its counter is locked`)
  const after = {
    id: row.id,
    name: settings.name ?? row.name,
    time_zone: settings.time_zone ?? row.time_zone,
    currency: settings.currency ?? row.currency,
    locale: settings.locale ?? row.locale,
  }
  const isChanged = (Object.keys(after) as (keyof typeof after)[]).some(
    (key) => after[key] !== row[key],
  )
  if (isChanged) {
    await tx.query(sql`
      update creators set name = ${after.name}, time_zone = ${after.time_zone},
        currency = ${after.currency}, locale = ${after.locale}
      where id = ${creatorId}`)
  }
  const isCountedAnew = after.time_zone !== row.time_zone || after.currency !== row.currency
  return { ...after, now: row.now.getTime(), isChanged, isCountedAnew }
}

/** Runs to the end, and lets others have their turn in between. */
async function inTurns<T>(steps: Generator<undefined, T>, tx: Transaction): Promise<T> {
  for (let asked = performance.now(); ; ) {
    const step = steps.next()
    if (step.done) return step.value
    await others()
    if (performance.now() - asked < SIGN_OF_LIFE_MS) continue
    await tx.query(sql`select 1`)
    asked = performance.now()
  }
}
