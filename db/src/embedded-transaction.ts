import type { AsyncLocalStorage } from 'node:async_hooks'
import { rolledBack, type Transaction, transactionOver } from './database.ts'
import type { Thread } from './embedded-thread.ts'
import type { Request } from './embedded-worker.ts'
import type { Sql } from './sql.ts'
import { copyStatement, toCopyText, toParameter, toRows } from './values.ts'

/** Whether the transaction that code runs in may still be used. */
export interface OpenTransaction {
  isOpen: boolean
}

/** Runs one statement on a thread. */
export async function query<R>(on: Thread, { text, values }: Sql): Promise<R[]> {
  const result = await on.send({ action: 'query', text, values: values.map(toParameter) })
  return toRows(result.fields ?? [], result.rows ?? []) as R[]
}

/** Runs `work` after `begin`, then commits; rolls back when it throws. */
export async function transaction<T>(
  on: Thread,
  inTransaction: AsyncLocalStorage<OpenTransaction>,
  begin: Request,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const state = { isOpen: true }
  const whileOpen = <R>(action: () => Promise<R>) =>
    state.isOpen ? action() : Promise.reject(transactionOver())
  try {
    await on.send(begin)
    const result = await inTransaction.run(state, () =>
      work({
        query: (given) => whileOpen(() => query(on, given)),
        copyIn: (table, columns, rows) =>
          whileOpen(async () => {
            if (rows.length === 0) return
            const text = copyStatement(table, columns, `'/dev/blob'`)
            await on.send({ action: 'copy', text, chunks: toCopyText(rows) })
          }),
      }),
    )
    state.isOpen = false
    const { command } = await on.send(statement('commit'))
    if (command !== 'COMMIT') throw rolledBack()
    return result
  } catch (error) {
    state.isOpen = false
    // Fails only with the thread, and then `error` says it already.
    await on.send(statement('rollback')).catch(() => {})
    throw error
  }
}

export function statement(text: string): Request {
  return { action: 'query', text, values: [] }
}
