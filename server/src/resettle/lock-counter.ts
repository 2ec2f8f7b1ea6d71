import { errorCode, type Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { AppError } from '../core/errors.ts'

/** A lock kept by someone else must not delay others waiting behind this one. */
const LOCK_MS = 2_000

/** Locks a creator's counter; `unavailable` if someone else keeps it. */
export async function lockCounter(tx: Transaction, { creatorId }: Tenant): Promise<void> {
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
