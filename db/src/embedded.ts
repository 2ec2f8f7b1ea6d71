import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { type Database, unavailable } from './database.ts'
import { keepThread } from './embedded-kept-thread.ts'
import type { Thread } from './embedded-thread.ts'
import { type OpenTransaction, query, statement, transaction } from './embedded-transaction.ts'
import { sql } from './sql.ts'
import { asTenantRead, beginAs } from './tenant-views.ts'

export interface EmbeddedOptions {
  /** Folder of its files. */
  dataDir: string
  /** Longest time for one statement; past it the thread is replaced. */
  timeoutMs?: number
}

const transactionsBetweenLogTrims = 100
/** Longest wait on closing for running work, and then for the last checkpoint. */
const CLOSE_MS = 5_000

/** Opens PGlite in a worker thread. It does one thing at a time: a transaction makes all others wait. */
export async function openEmbedded(options: EmbeddedOptions): Promise<Database> {
  const { dataDir, timeoutMs = 120_000 } = options
  const kept = await keepThread(dataDir, timeoutMs)
  const inTransaction = new AsyncLocalStorage<OpenTransaction>()
  let last: Promise<unknown> = Promise.resolve()
  let isClosed = false
  let finished = 0

  /** Runs `work` after everything requested before. */
  function exclusive<T>(work: (on: Thread) => Promise<T>): Promise<T> {
    if (isClosed) return Promise.reject(unavailable('the embedded database is closed'))
    if (inTransaction.getStore()?.isOpen)
      return Promise.reject(new Error('inside a transaction, use the transaction'))
    const result = last.then(kept.living).then(work)
    last = result.catch(() => {})
    return result
  }

  /** After many transactions, between two of them: cheap, and never in the middle of one. */
  async function thenTrimLog<T>(on: Thread, work: () => Promise<T>): Promise<T> {
    const result = await work()
    finished += 1
    if (finished % transactionsBetweenLogTrims === 0)
      await on.send({ action: 'trimLog' }).catch(() => {})
    return result
  }

  async function close(): Promise<void> {
    if (isClosed) return
    const closing = exclusive((on) => on.send({ action: 'close' }))
    isClosed = true
    kept.retire()
    // A dead thread has nothing left to flush, and what a stuck one committed is in its log.
    await Promise.race([closing.catch(() => {}), delay(CLOSE_MS, undefined, { ref: false })])
    await kept.stop()
  }

  const [about] = await query<{ version: string }>(
    await kept.living(),
    sql`select split_part(version(), ' on ', 1) as version`,
  )
  return {
    edition: 'embedded',
    description: `embedded ${about?.version}, ${dataDir}`,
    maxBatchEvents: 500,
    writers: 1,
    query: (given) => exclusive((on) => thenTrimLog(on, () => query(on, given))),
    transaction: (work) =>
      exclusive((on) =>
        thenTrimLog(on, () =>
          transaction(on, inTransaction, statement('begin isolation level read committed'), work),
        ),
      ),
    readAs: (tenant, work) =>
      exclusive((on) =>
        transaction(on, inTransaction, { action: 'script', text: beginAs(tenant) }, (read) =>
          work(asTenantRead(read)),
        ),
      ),
    script: async (text) => {
      await exclusive((on) => on.send({ action: 'script', text }))
    },
    [Symbol.asyncDispose]: close,
  }
}
