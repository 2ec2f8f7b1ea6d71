import { AsyncLocalStorage } from 'node:async_hooks'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import {
  type Database,
  rolledBack,
  type Transaction,
  transactionOver,
  unavailable,
} from './database.ts'
import type { Reply, Request, Result, WorkerOptions } from './embedded-worker.ts'
import { type Sql, sql } from './sql.ts'
import { asTenantRead, beginAs } from './tenant-views.ts'
import { copyStatement, toCopyText, toParameter, toRows } from './values.ts'

export interface EmbeddedOptions {
  /** Folder of its files; undefined keeps everything in memory. */
  dataDir: string | undefined
  /** What `dumpDataDir` gave, to start from. */
  loadDump?: Uint8Array | Blob
}

export interface EmbeddedDatabase extends Database {
  /** The whole database as one archive for `loadDump`. */
  dumpDataDir(): Promise<Uint8Array>
}

const transactionsBetweenLogTrims = 100

/** Opens PGlite in a worker thread. It does one thing at a time: a transaction makes all others wait. */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const { dataDir, loadDump } = options
  const dump = loadDump instanceof Blob ? new Uint8Array(await loadDump.arrayBuffer()) : loadDump
  const markComplete = dataDir === undefined ? () => {} : discardIncomplete(dataDir)
  const worker = await startWorker({ dataDir, dump: dump && new Uint8Array(dump) })
  markComplete()

  const inTransaction = new AsyncLocalStorage<{ isOpen: boolean }>()
  let last: Promise<unknown> = Promise.resolve()
  let isClosed = false
  let finished = 0

  /** Runs `work` when everything asked for before is done. */
  function exclusive<T>(work: () => Promise<T>): Promise<T> {
    if (isClosed) return Promise.reject(unavailable('the embedded database is closed'))
    if (inTransaction.getStore()?.isOpen)
      return Promise.reject(new Error('inside a transaction, use the transaction'))
    const result = last.then(work)
    last = result.catch(() => {})
    return result
  }

  async function query<R>({ text, values }: Sql): Promise<R[]> {
    const result = await worker.send({ action: 'query', text, values: values.map(toParameter) })
    return toRows(result.fields ?? [], result.rows ?? []) as R[]
  }

  async function transaction<T>(
    begin: Request,
    work: (transaction: Transaction) => Promise<T>,
  ): Promise<T> {
    const state = { isOpen: true }
    const whileOpen = <R>(action: () => Promise<R>) =>
      state.isOpen ? action() : Promise.reject(transactionOver())
    try {
      await worker.send(begin)
      const result = await inTransaction.run(state, () =>
        work({
          query: (given) => whileOpen(() => query(given)),
          copyIn: (table, columns, rows) =>
            whileOpen(async () => {
              if (rows.length === 0) return
              const text = copyStatement(table, columns, `'/dev/blob'`)
              await worker.send({ action: 'copy', text, chunks: toCopyText(rows) })
            }),
        }),
      )
      state.isOpen = false
      const { command } = await worker.send(statement('commit'))
      if (command !== 'COMMIT') throw rolledBack()
      return result
    } catch (error) {
      state.isOpen = false
      // Fails only with the thread, and then `error` says it already.
      await worker.send(statement('rollback')).catch(() => {})
      throw error
    }
  }

  /** After many transactions, in the pause between two: cheap, and never in the middle of one. */
  async function thenTrimLog<T>(work: () => Promise<T>): Promise<T> {
    const result = await work()
    finished += 1
    if (finished % transactionsBetweenLogTrims === 0)
      await worker.send({ action: 'trimLog' }).catch(() => {})
    return result
  }

  async function close(): Promise<void> {
    if (isClosed) return
    const closing = exclusive(() => worker.send({ action: 'close' }))
    isClosed = true
    // A thread that died has nothing left to flush.
    await closing.catch(() => {})
    await worker.stop()
  }

  const [about] = await query<{ version: string }>(
    sql`select split_part(version(), ' on ', 1) as version`,
  )
  return {
    edition: 'embedded',
    description: `embedded ${about?.version}, ${dataDir ?? 'in memory'}`,
    maxBatchEvents: 500,
    writers: 1,
    query: (given) => exclusive(() => thenTrimLog(() => query(given))),
    transaction: (work) =>
      exclusive(() =>
        thenTrimLog(() => transaction(statement('begin isolation level read committed'), work)),
      ),
    readAs: (tenant, work) =>
      exclusive(() =>
        transaction({ action: 'script', text: beginAs(tenant) }, (read) =>
          work(asTenantRead(read)),
        ),
      ),
    script: async (text) => {
      await exclusive(() => worker.send({ action: 'script', text }))
    },
    dumpDataDir: async () => {
      const { dump } = await exclusive(() => worker.send({ action: 'dump' }))
      return dump ?? new Uint8Array()
    },
    [Symbol.asyncDispose]: close,
  }
}

function statement(text: string): Request {
  return { action: 'query', text, values: [] }
}

/** A first start that was killed leaves half a database, which never opens: it is made again. */
function discardIncomplete(dataDir: string): () => void {
  const mark = `${dataDir}.incomplete`
  if (existsSync(mark)) rmSync(dataDir, { recursive: true, force: true })
  if (existsSync(dataDir)) return () => {}
  writeFileSync(mark, '')
  return () => rmSync(mark, { force: true })
}

interface WorkerConnection {
  send(request: Request): Promise<Result>
  stop(): Promise<void>
}

/** Resolves when the database in the thread is open. */
async function startWorker(options: WorkerOptions): Promise<WorkerConnection> {
  const worker = new Worker(new URL('./embedded-worker.ts', import.meta.url), {
    workerData: options,
    // Options meant for the main program, such as --input-type, would stop a thread from starting.
    execArgv: [],
  })
  const waiting = new Map<number, { resolve(result: Result): void; reject(error: Error): void }>()
  let lastId = 0
  let death: Error | undefined

  const die = (message: string, cause?: unknown) => {
    death ??= unavailable(message, cause)
    for (const { reject } of waiting.values()) reject(death)
    waiting.clear()
  }
  worker.on('error', (error) => die('the embedded database broke', error))
  worker.on('exit', () => die('the embedded database has ended'))
  worker.on('message', (reply: Reply) => {
    const call = waiting.get(reply.id)
    waiting.delete(reply.id)
    if ('result' in reply) call?.resolve(reply.result)
    else call?.reject(Object.assign(new Error(reply.failure.message), reply.failure))
  })

  const expect = (id: number) =>
    new Promise<Result>((resolve, reject) => {
      if (death) reject(death)
      else waiting.set(id, { resolve, reject })
    })
  const send = (request: Request) => {
    lastId += 1
    const reply = expect(lastId)
    if (!death) worker.postMessage({ ...request, id: lastId })
    return reply
  }
  await expect(0)
  return { send, stop: async () => void (await worker.terminate()) }
}
