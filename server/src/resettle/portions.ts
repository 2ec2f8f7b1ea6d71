import type { Database, Transaction } from '@creatorflow/db/database'

/** Rows rewritten by one statement. */
export const ROWS_A_TIME = 1_000

/** One bounded part of rewriting a log; in a transaction that holds its counter, with the database's clock. */
export type Step = (tx: Transaction, now: number) => Promise<void>

/** How much of a log is read at once, and rewritten in one transaction. */
export interface StintSize {
  readonly eventsAPage: number
  readonly rowsAStep: number
}

/**
 * So little that whoever shares the process, the creator's writer and, on the embedded database, everyone
 * else waits for tens of milliseconds at most. A writer queues for a lock for 20 ms, so a step is shorter.
 */
export const stintSizeOf = ({ edition }: Pick<Database, 'edition'>): StintSize =>
  edition === 'embedded'
    ? { eventsAPage: 1_000, rowsAStep: 500 }
    : { eventsAPage: 2_000, rowsAStep: 200 }

/** A list in parts of at most `size`. */
export function inPortions<T>(list: readonly T[], size: number): (readonly T[])[] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, n) =>
    list.slice(n * size, (n + 1) * size),
  )
}
