import { randomUUID } from 'node:crypto'
import type { Database, Transaction } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import { AppError } from '../core/errors.ts'
import type { EventRow } from '../eventlog/event-row.ts'
import { hindsight } from '../pipeline/hindsight.ts'
import { claimRewriting, noteSettled, releaseRewriting } from '../pipeline/recount-notes.ts'
import { lockCounter } from './lock-counter.ts'
import { ROWS_A_TIME, type Step } from './portions.ts'
import { type Counter, isSameLog, type Kept, readCounter, readRows } from './read-log.ts'
import type { Books } from './rederive.ts'
import { raiseGeneration, rowSteps, writeBooks } from './rewrite.ts'
import { claimSteps, writeClaims } from './rewrite-claims.ts'
import { type ChangedSettings, storeSettings } from './settings.ts'
import { settleFurther } from './settle-further.ts'

/** How much one transaction does, so that the creator's writer and, embedded, everybody else is served in between. */
export interface StintSize {
  readonly ms: number
  readonly rowsAStep: number
}
export const stintSize: StintSize = { ms: 250, rowsAStep: ROWS_A_TIME }
/** A log that grows faster than it is caught up with ends all the same. */
const MOST_CATCH_UPS = 20

/** A log that was settled again outside of any lock. */
export interface Plan {
  readonly start: Counter
  /** The number up to which it was. */
  readonly until: number
  readonly changed: readonly EventRow[]
  readonly before: ReadonlyMap<number, EventRow>
  readonly books: Books
  readonly settings: ChangedSettings
  readonly also: ((tx: Transaction) => Promise<void>) | undefined
}

export interface Rewritten {
  readonly rewritten: number
  readonly raised: boolean
}

/**
 * Writes what a plan changes in as many short transactions as it takes; the last one raises the generation. Until then
 * rows are a mix, and a note says so to screens. A writer goes on meanwhile: what it wrote is settled further
 * from the books. Whoever comes after a crash finds the note and starts over. Undefined when the log is
 * another one than was read, and `gone` when there is none.
 */
export async function rewriteInStints(
  database: Database,
  tenant: Tenant,
  plan: Plan,
  size: StintSize,
): Promise<Rewritten | 'gone' | undefined> {
  const by = randomUUID()
  const watch = hindsight(new Map([[tenant.creatorId, plan.start.guessed]]))
  let expected = plan.start
  let rewritten = plan.changed.length
  let catchUps = 0
  let until = plan.until
  let steps: Iterator<Step> = stepsOf(database, tenant, plan, size)
  let next = steps.next()

  /** Settles what was written meanwhile; answers its steps. */
  async function settleBehind(from: Database | Transaction, counter: Counter): Promise<Step[]> {
    const behind: Kept = { rows: [], until }
    if (!(await readRows(from, database, tenant, behind, counter))) throw hole(tenant)
    const before = new Map(behind.rows.map((row) => [row.seq, row]))
    const found: Step[] = []
    for (let at = 0; at < behind.rows.length; at += size.rowsAStep) {
      const portion = behind.rows.slice(at, at + size.rowsAStep)
      const { changed, claims } = settleFurther(plan.books, portion, plan.settings, watch)
      rewritten += changed.length
      found.push(...rowSteps(database, tenant.creatorId, changed, before))
      found.push((tx) => writeClaims(tx, claims, plan.books.claims))
    }
    until = behind.until
    return found
  }

  /** One transaction: some steps, or the end of it. */
  async function stint(tx: Transaction) {
    await lockCounter(tx, tenant)
    const counter = await readCounter(tx, tenant)
    if (!counter) return 'gone'
    if (!isSameLog(expected, counter)) return undefined
    if (counter.is_claimed && counter.rewritten_by !== by) throw claimed()
    await claimRewriting(tx, tenant, by)
    const endAt = performance.now() + size.ms
    while (!next.done) {
      await next.value(tx, counter.now)
      next = steps.next()
      if (performance.now() >= endAt) return 'more'
    }
    if (counter.seq - until > size.rowsAStep && catchUps < MOST_CATCH_UPS) return 'more'
    for (const step of await settleBehind(tx, counter)) await step(tx, counter.now)
    return finish(tx)
  }

  async function finish(tx: Transaction): Promise<Rewritten> {
    await writeBooks(tx, tenant, plan.books)
    await storeSettings(tx, tenant, plan.settings)
    if (plan.settings.isChanged) await plan.also?.(tx)
    await noteSettled(tx, tenant, watch)
    // Rows that somebody left half rewritten were seen like that.
    const wasMix = plan.start.rewritten_by !== null
    const raised = plan.settings.isChanged || rewritten > 0 || wasMix
    if (raised) await raiseGeneration(tx, tenant)
    return { rewritten, raised }
  }

  let isMix = false
  try {
    for (;;) {
      const done = await database.transaction(stint)
      if (done !== 'more') {
        isMix = isMix && (done === undefined || done === 'gone')
        return done
      }
      isMix = true
      expected = { ...expected, rewritten_by: by }
      if (!next.done) continue
      const counter = await readCounter(database, tenant)
      if (!counter) return 'gone'
      catchUps++
      steps = (await settleBehind(database, counter)).values()
      next = steps.next()
    }
  } finally {
    // Best effort: without it others wait until the claim ends by itself.
    if (isMix) await releaseRewriting(database, by).catch(() => {})
  }
}

function* stepsOf(
  database: Database,
  tenant: Tenant,
  { changed, before, books }: Plan,
  { rowsAStep }: StintSize,
): Generator<Step, undefined> {
  yield* rowSteps(database, tenant.creatorId, changed, before, rowsAStep)
  yield* claimSteps(tenant, books.claims, rowsAStep)
}

function claimed(): AppError {
  return new AppError('unavailable', 'The log is being settled by somebody else.', {
    retryAfterMs: 1_000,
  })
}

export function hole({ creatorId }: Tenant): Error {
  return new Error(`the log of ${creatorId} has a hole: it cannot be settled again`)
}
