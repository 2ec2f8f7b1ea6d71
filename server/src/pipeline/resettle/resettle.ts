import { setImmediate as others } from 'node:timers/promises'
import type { Database, Queryable, Transaction } from '@creatorflow/db/database'
import { raw, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Creator } from '@creatorflow/shared/creator'
import type { CreatorChange } from '@creatorflow/shared/features/creators'
import { AppError } from '../../errors.ts'
import { type EventRow, eventColumns, fromDatabase } from '../event-row.ts'
import { type Rederived, rederive } from './rederive.ts'
import { raiseGeneration, rewrite } from './rewrite.ts'
import { settlingProperties } from './stored-event.ts'

export interface Resettled {
  /** Rows of the log that were rewritten. */
  readonly rewritten: number
  /** Whether screens have to read anew. */
  readonly raised: boolean
}

/**
 * Most events of a log that is settled again: it is held in memory, at about 1 kB an event, and its writers wait
 * while it is decided, about 15 s for so many; past 30 s they would be refused.
 */
export const MAX_RESETTLED_EVENTS = 500_000
/** The database ends a transaction that asks nothing for 30 s. */
const SIGN_OF_LIFE_MS = 5_000
const ATTEMPTS = 3
const PAGE_EVENTS = { embedded: 2_000, server: 5_000 } as const

/**
 * Settles the whole log of a creator again, with its settings changed when some are given, in one
 * transaction: after it, claims, LIVEs, pins and every decided column are what they would be if all had been
 * known from the first event on. Numbers never change. Undefined when there is no such creator.
 * `also` runs in that transaction when a setting changed.
 * Throws `too_large` for a log past the limit and `conflict` for one whose beginning was dropped.
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
    const rows: EventRow[] = []
    await readRows(database, database, tenant, rows, start.seq)
    const done = await database.transaction(async (tx) => {
      await tx.query(sql`
        select 1 from counters where creator_id = ${tenant.creatorId} for no key update`)
      const counter = await readCounter(tx, tenant)
      if (!counter) return { resettled: undefined }
      if (counter.generation !== start.generation) return undefined
      await readRows(tx, database, tenant, rows, counter.seq)
      return { resettled: await settleAgain(tx, database, tenant, rows, settings, also) }
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
    await tx.query(sql`
      select 1 from counters where creator_id = ${tenant.creatorId} for no key update`)
    if (!(await readCounter(tx, tenant))) return undefined
    const { isChanged } = await changeSettings(tx, tenant, settings)
    if (isChanged) await raiseGeneration(tx, tenant)
    if (isChanged) await also?.(tx)
    return { rewritten: 0, raised: isChanged }
  })
}

async function settleAgain(
  tx: Transaction,
  database: Database,
  tenant: Tenant,
  rows: readonly EventRow[],
  settings: CreatorChange,
  also: ((tx: Transaction) => Promise<void>) | undefined,
): Promise<Resettled> {
  const { now, isChanged, ...creator } = await changeSettings(tx, tenant, settings)
  if (isChanged) await also?.(tx)
  const rederived = await inTurns(rederive(rows, creator), tx)
  const before = new Map<number, EventRow>()
  for (const { seq } of rederived.changed) before.set(seq, rows[seq - 1] as EventRow)
  await rewrite(tx, database, tenant, rederived, before, now)
  // Every note of a writer was made under the lock that is held here.
  await tx.query(sql`delete from resettle where creator_id = ${tenant.creatorId}`)
  const raised = isChanged || rederived.changed.length > 0
  if (raised) await raiseGeneration(tx, tenant)
  return { rewritten: rederived.changed.length, raised }
}

interface Counter {
  readonly seq: number
  readonly generation: number
}

async function readCounter(
  database: Queryable,
  { creatorId }: Tenant,
): Promise<Counter | undefined> {
  const [row] = await database.query<Counter>(sql`
    select n.seq, n.generation from counters n join creators c on c.id = n.creator_id
    where n.creator_id = ${creatorId}`)
  return row
}

/** Appends the rows up to a number to those that are there already. */
async function readRows(
  from: Queryable,
  { edition }: Database,
  { creatorId }: Tenant,
  rows: EventRow[],
  until: number,
): Promise<void> {
  if (until > MAX_RESETTLED_EVENTS) {
    throw new AppError(
      'too_large',
      `This log has ${until} events; at most ${MAX_RESETTLED_EVENTS} can be settled again.`,
    )
  }
  const page = PAGE_EVENTS[edition === 'embedded' ? 'embedded' : 'server']
  while (rows.length < until) {
    const after = rows.length
    const found = await from.query(sql`
      select ${rowColumns} from events
      where creator_id = ${creatorId} and seq > ${after}::bigint
        and seq <= ${Math.min(after + page, until)}::bigint
      order by seq`)
    for (const row of found) {
      rows.push(fromDatabase(row))
      if (row.seq !== rows.length) throw dropped()
    }
    if (rows.length < Math.min(after + page, until)) throw dropped()
  }
}

function dropped(): AppError {
  return new AppError(
    'conflict',
    'Part of this log was dropped: what is left cannot be settled again.',
  )
}

const { types, keys } = settlingProperties
const list = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ')
const rowColumns = raw(
  eventColumns
    .map((column) =>
      column === 'properties'
        ? `case when type in (${list(types)}) or properties ? 'unattributed' then (
             select jsonb_object_agg(key, value) from jsonb_each(properties) where key in (${list(keys)})
           ) end as properties`
        : column,
    )
    .join(', '),
)

/** The creator as it shall be from now on, and the database's clock. */
async function changeSettings(
  tx: Transaction,
  { creatorId }: Tenant,
  settings: CreatorChange,
): Promise<Omit<Creator, 'kind'> & { now: number; isChanged: boolean }> {
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
  return { ...after, now: row.now.getTime(), isChanged }
}

/** Runs to the end, and lets others have their turn in between. */
async function inTurns(
  steps: Generator<undefined, Rederived>,
  tx: Transaction,
): Promise<Rederived> {
  for (let asked = performance.now(); ; ) {
    const step = steps.next()
    if (step.done) return step.value
    await others()
    if (performance.now() - asked < SIGN_OF_LIFE_MS) continue
    await tx.query(sql`select 1`)
    asked = performance.now()
  }
}
