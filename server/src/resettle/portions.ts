import type { Transaction } from '@creatorflow/db/database'

/** Rows that one statement rewrites. */
export const ROWS_A_TIME = 1_000

/** One bounded part of rewriting a log; in a transaction that holds its counter, with the database's clock. */
export type Step = (tx: Transaction, now: number) => Promise<void>

/** A list in parts of at most `size`. */
export function inPortions<T>(list: readonly T[], size: number): (readonly T[])[] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, n) =>
    list.slice(n * size, (n + 1) * size),
  )
}
