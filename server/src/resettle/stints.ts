import { setTimeout as delay } from 'node:timers/promises'
import type { Database, Transaction } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import { AppError } from '../core/errors.ts'
import { claimRewriting, releaseRewriting } from '../pipeline/recount-notes.ts'
import { lockCounter } from './lock-counter.ts'
import { type Counter, isSameLog, readCounter } from './read-log.ts'

type Work<T> = (tx: Transaction, counter: Counter) => Promise<T>

/** Short transactions, each of which holds the counter of a log that nobody else rewrites. */
export interface Stints {
  commit<T>(work: Work<T>): Promise<T>
  /** The last one: afterwards nobody owns the log. */
  finish<T>(work: Work<T>): Promise<T>
}

interface Rewriter {
  /** The log as it was read. */
  readonly expected: Counter
  readonly by: string
  /** The LIVEs of which only the pins are rewritten; null for the whole log. */
  readonly pinsOf: readonly string[] | null
}

/** Thrown through the work of `stintsOf`, and caught only there. */
class Ended extends Error {
  readonly how: 'gone' | 'another'
  constructor(how: 'gone' | 'another') {
    super(how)
    this.how = how
  }
}

/**
 * Runs work in parts. From the first one on a note says that `by` rewrites the log. Returns `gone` if the log
 * no longer exists, and `another` if it is not the one that was read; throws `unavailable` if someone else is
 * rewriting it.
 */
export async function stintsOf<T>(
  database: Database,
  tenant: Tenant,
  { expected: first, by, pinsOf }: Rewriter,
  work: (stints: Stints) => Promise<T>,
): Promise<T | 'gone' | 'another'> {
  let expected = first
  let isClaimed = false

  async function commit<T>(of: Work<T>): Promise<T> {
    const began = performance.now()
    const done = await database.transaction(async (tx) => {
      await lockCounter(tx, tenant)
      const counter = await readCounter(tx, tenant)
      if (!counter) throw new Ended('gone')
      if (!isSameLog(expected, counter)) throw new Ended('another')
      if (counter.is_claimed && counter.rewritten_by !== by) throw claimed()
      await claimRewriting(tx, tenant, by, pinsOf)
      return of(tx, counter)
    })
    isClaimed = true
    expected = { ...expected, rewritten_by: by }
    // As long for those who wait for the lock.
    if (database.edition !== 'embedded') await delay(performance.now() - began)
    return done
  }

  try {
    return await work({
      commit,
      async finish(of) {
        const done = await commit(of)
        isClaimed = false
        return done
      },
    })
  } catch (error) {
    if (error instanceof Ended) return error.how
    throw error
  } finally {
    // Best effort: otherwise others wait until the claim expires.
    if (isClaimed) await releaseRewriting(database, by).catch(() => {})
  }
}

/** The error of a recount while someone else rewrites the log. */
export function claimed(): AppError {
  return new AppError(
    'unavailable',
    'This creator’s events are already being recounted. Try again in a moment.',
    {
      retryAfterMs: 1_000,
    },
  )
}
