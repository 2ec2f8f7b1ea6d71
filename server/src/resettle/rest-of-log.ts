import type { Database, Queryable, Transaction } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import type { CreatorRow, Guessed } from '../eventlog/accepted-event.ts'
import { type Hindsight, hindsight } from '../pipeline/hindsight.ts'
import type { AttributedLog } from './attribute-log.ts'
import { rowsAfter } from './log-pages.ts'
import type { Step } from './portions.ts'
import { putClaims } from './put-claims.ts'
import { type Counter, hole, readCounter } from './read-log.ts'
import type { RecountedClaims } from './recounted-claims.ts'
import { rowSteps } from './rewrite.ts'
import { settleFurther } from './settle-further.ts'
import type { Stints } from './stints.ts'

/** Events written to a log during its re-attribution. */
export interface RestOfLog {
  /** Rows of it that were rewritten. */
  readonly rewritten: number
  /** Events late even for it. */
  readonly watch: Hindsight
  /** Settles them while others continue, if more than one step; returns whether it was. */
  catchUp(): Promise<boolean>
  /** Settles them up to the head, in a transaction that holds the log. */
  settle(tx: Transaction, counter: Counter): Promise<void>
  /** The LIVEs it changed since the last call. */
  takeLives(): string[]
}

interface Recounted {
  readonly part: { readonly database: Database; readonly tenant: Tenant; readonly until: number }
  readonly attributed: AttributedLog
  readonly claims: RecountedClaims
  readonly stints: Stints
}

interface As {
  readonly creator: Pick<CreatorRow, 'id' | 'time_zone' | 'currency'>
  readonly guessed: Guessed
}

/** What follows a re-attributed part of a log. */
export function restOfLog(
  { part: { database, tenant, until: first }, attributed, claims, stints }: Recounted,
  { creator, guessed }: As,
  rowsAStep: number,
): RestOfLog {
  const watch = hindsight(new Map([[tenant.creatorId, guessed]]))
  const touched = new Set<string>()
  let until = first
  let rewritten = 0

  /** The next rows, at most one step of them. */
  async function settleNext(from: Queryable, head: number, tx?: Transaction): Promise<Step[]> {
    const size = Math.min(rowsAStep, head - until)
    const rows = await rowsAfter(from, tenant, until, size)
    if (rows.length !== size) throw hole(tenant)
    const before = new Map(rows.map((row) => [row.seq, row]))
    const settled = await settleFurther(attributed, claims, rows, creator, watch, tx)
    rewritten += settled.changed.length
    until += size
    for (const id of settled.sessionIds) touched.add(id)
    return [
      ...rowSteps(database, tenant.creatorId, settled.changed, before),
      (step) => putClaims(step, tenant, claims.run, settled.claims),
    ]
  }

  return {
    get rewritten() {
      return rewritten
    },
    watch,
    async catchUp() {
      const head = (await readCounter(database, tenant))?.seq ?? until
      if (head - until <= rowsAStep) return false
      while (until < head) {
        for (const step of await settleNext(database, head)) {
          await stints.commit((tx, { now }) => step(tx, now))
        }
      }
      return true
    },
    async settle(tx, { seq, now }) {
      while (until < seq) {
        for (const step of await settleNext(tx, seq, tx)) await step(tx, now)
      }
    },
    takeLives() {
      const ids = [...touched]
      touched.clear()
      return ids
    },
  }
}
