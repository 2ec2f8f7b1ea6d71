import { AsyncLocalStorage } from 'node:async_hooks'
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { DataDirUnusable } from './data-dir.ts'
import {
  type Database,
  diskFull,
  isDiskFull,
  isUnavailable,
  rolledBack,
  type Transaction,
  transactionOver,
  unavailable,
} from './database.ts'
import { isOutOfRoom } from './disk.ts'
import { startThread, type Thread } from './embedded-thread.ts'
import type { Request } from './embedded-worker.ts'
import { type Sql, sql } from './sql.ts'
import { asTenantRead, beginAs } from './tenant-views.ts'
import { copyStatement, toCopyText, toParameter, toRows } from './values.ts'

export interface EmbeddedOptions {
  /** Folder of its files. */
  dataDir: string
  /** Longest that one statement may take: past it the thread is replaced. */
  timeoutMs?: number
}

const transactionsBetweenLogTrims = 100
/** After a thread could not be replaced, calls are refused for this long before it is tried again. */
const RESTART_PAUSE_MS = 1_000
/** Longest that closing waits for what is under way, and then for the last checkpoint. */
const CLOSE_MS = 5_000

/** Opens PGlite in a worker thread. It does one thing at a time: a transaction makes all others wait. */
export async function openEmbedded(options: EmbeddedOptions): Promise<Database> {
  const { dataDir, timeoutMs = 120_000 } = options
  const markComplete = discardIncomplete(dataDir)
  let thread = await startThread(dataDir, timeoutMs).catch((error: unknown) => {
    throw startFailure(dataDir, error)
  })
  markComplete()

  const inTransaction = new AsyncLocalStorage<{ isOpen: boolean }>()
  let last: Promise<unknown> = Promise.resolve()
  let isClosed = false
  let finished = 0
  let refusedUntil: { at: number; error: unknown } = { at: 0, error: undefined }

  /** Runs `work` when everything asked for before is done. */
  function exclusive<T>(work: (on: Thread) => Promise<T>): Promise<T> {
    if (isClosed) return Promise.reject(unavailable('the embedded database is closed'))
    if (inTransaction.getStore()?.isOpen)
      return Promise.reject(new Error('inside a transaction, use the transaction'))
    const result = last.then(living).then(work)
    last = result.catch(() => {})
    return result
  }

  /** The thread, or another one when it ended. */
  async function living(): Promise<Thread> {
    if (thread.isAlive || isClosed) return thread
    if (isOutOfRoom(dataDir)) throw diskFull()
    if (performance.now() < refusedUntil.at) throw refusedUntil.error
    try {
      thread = await startThread(dataDir, timeoutMs)
      return thread
    } catch (cause) {
      const error = isUnavailable(cause)
        ? cause
        : unavailable('the embedded database did not restart', cause)
      refusedUntil = { at: performance.now() + RESTART_PAUSE_MS, error }
      throw error
    }
  }

  async function query<R>(on: Thread, { text, values }: Sql): Promise<R[]> {
    const result = await on.send({ action: 'query', text, values: values.map(toParameter) })
    return toRows(result.fields ?? [], result.rows ?? []) as R[]
  }

  async function transaction<T>(
    on: Thread,
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

  /** After many transactions, in the pause between two: cheap, and never in the middle of one. */
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
    // A thread that died has nothing left to flush, and what one that is stuck committed is in its log.
    await Promise.race([closing.catch(() => {}), delay(CLOSE_MS, undefined, { ref: false })])
    await thread.stop()
  }

  const [about] = await query<{ version: string }>(
    thread,
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
          transaction(on, statement('begin isolation level read committed'), work),
        ),
      ),
    readAs: (tenant, work) =>
      exclusive((on) =>
        transaction(on, { action: 'script', text: beginAs(tenant) }, (read) =>
          work(asTenantRead(read)),
        ),
      ),
    script: async (text) => {
      await exclusive((on) => on.send({ action: 'script', text }))
    },
    [Symbol.asyncDispose]: close,
  }
}

/** Waiting does not help: unlike a server that is only just starting, nobody else mends this one. */
function startFailure(dataDir: string, error: unknown): Error {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const reason = isDiskFull(error)
    ? 'the disk is full. Free some space and start again.'
    : `${cause instanceof Error ? cause.message : cause}. Restore a backup, or move ${dataDir} away to start without data.`
  return new DataDirUnusable(`The embedded database in ${dataDir} did not start: ${reason}`, error)
}

function statement(text: string): Request {
  return { action: 'query', text, values: [] }
}

/** A first start that was killed leaves half a database, which never opens: it is made again. */
function discardIncomplete(dataDir: string): () => void {
  const mark = `${dataDir}.incomplete`
  // Moved, not deleted: somebody may have put a backup there since.
  if (existsSync(mark) && existsSync(dataDir)) renameSync(dataDir, `${mark}.${Date.now()}`)
  if (existsSync(dataDir)) return () => {}
  writeFileSync(mark, '')
  return () => rmSync(mark, { force: true })
}
