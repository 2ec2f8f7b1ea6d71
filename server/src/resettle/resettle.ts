import type { Database } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import { type CountedChange, readPinsOf } from '../pipeline/recount-notes.ts'
import { type StintSize, stintSizeOf } from './portions.ts'
import { readCounter } from './read-log.ts'
import { type Rewritten, recountLog } from './recount-log.ts'
import { recountPins } from './recount-pins.ts'
import { readSettings } from './settings.ts'
import { claimed } from './stints.ts'

const ATTEMPTS = 3

/** How a recount runs. */
export interface RecountOptions {
  readonly size?: StintSize
  /** Aborts it, as `unavailable`. */
  readonly signal?: AbortSignal
}

/**
 * Re-attributes a creator's whole log, by its settings, noted changes and `change`: afterwards claims, LIVEs,
 * pins and every decided column are what they would be if everything had been known from the first event on.
 * Numbers never change. Undefined for an unknown creator. With dropped events only the kept ones are settled
 * again, and another zone or currency is a `conflict`: dropped events cannot be recounted.
 */
export async function resettleCreator(
  database: Database,
  tenant: Tenant,
  change: Partial<CountedChange> = {},
  { size = stintSizeOf(database), signal }: RecountOptions = {},
): Promise<Rewritten | undefined> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const start = await readCounter(database, tenant)
    const settings = await readSettings(database, tenant, change)
    if (!start || !settings) return undefined
    // The current rewriter would have read the whole log in vain.
    if (start.is_claimed) throw claimed()
    const asked = { start, settings, signal }
    const done = await recountLog(database, tenant, asked, size)
    if (done !== 'another') return done === 'gone' ? undefined : done
  }
  throw claimed()
}

/** Settles what a note asks for: the pins of some LIVEs, or the whole log. */
export async function recountNoted(
  database: Database,
  tenant: Tenant,
  options: RecountOptions = {},
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
