import type { Database, Transaction } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import type { CreatorChange } from '@creatorflow/shared/features/creators'
import { AppError } from '../core/errors.ts'
import { noteChange } from '../pipeline/recount-notes.ts'
import { lockCounter } from './lock-counter.ts'
import { readCounter } from './read-log.ts'
import { droppedAlready } from './recount-log.ts'
import { recountNoted } from './resettle.ts'
import { raiseGeneration } from './rewrite.ts'
import { readSettings, storeShown } from './settings.ts'

export interface SettingsChanged {
  /** Whether screens have to start afresh. */
  readonly raised: boolean
  /** Whether a recount is requested. */
  readonly isCounted: boolean
}

/**
 * Changes a creator. Its name and locale change at once; another time zone or currency is noted, and applies
 * once its log is counted by it, which a recount does. `also` runs in the transaction of a change. Undefined
 * for an unknown creator; `conflict` if events were dropped, which cannot be recounted.
 */
export function changeSettings(
  database: Database,
  tenant: Tenant,
  change: CreatorChange,
  also?: (tx: Transaction) => Promise<void>,
): Promise<SettingsChanged | undefined> {
  return database.transaction(async (tx) => {
    await lockCounter(tx, tenant)
    const counter = await readCounter(tx, tenant)
    const before = await readSettings(tx, tenant, {})
    const after = await readSettings(tx, tenant, change)
    if (!counter || !before || !after) return undefined
    const raised = before.name !== after.name || before.locale !== after.locale
    const isCounted = before.time_zone !== after.time_zone || before.currency !== after.currency
    if (isCounted && counter.holes_until > 0) throw droppedAlready()
    if (isCounted) await noteChange(tx, tenant, after)
    if (raised) await storeShown(tx, tenant, after)
    if (raised) await raiseGeneration(tx, tenant)
    if (raised || isCounted) await also?.(tx)
    return { raised, isCounted }
  })
}

/**
 * Recounts what is noted for at most `ms`: a longer log is left to the job. Returns whether screens have to
 * start afresh.
 */
export async function recountBriefly(
  database: Database,
  tenant: Tenant,
  ms: number,
): Promise<boolean> {
  try {
    const done = await recountNoted(database, tenant, { signal: AbortSignal.timeout(ms) })
    return done?.raised ?? false
  } catch (error) {
    if (error instanceof AppError && error.code === 'unavailable') return false
    throw error
  }
}
