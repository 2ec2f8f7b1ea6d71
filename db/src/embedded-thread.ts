import { readFile } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import { diskFull, unavailable } from './database.ts'
import { isOutOfRoom } from './disk.ts'
import type { Reply, Request, Result, WorkerOptions } from './embedded-worker.ts'

/** The thread that runs the embedded database. */
export interface Thread {
  /** False once it ended, for whatever reason: it never comes back. */
  readonly isAlive: boolean
  send(request: Request): Promise<Result>
  stop(): Promise<void>
}

interface Call {
  readonly since: number
  readonly limitMs: number
  resolve(result: Result): void
  reject(error: Error): void
}

const LOOK_MS = 250
/** On a full disk PostgreSQL spins forever when it cannot write its log. */
const STUCK_ON_FULL_DISK_MS = 1_000
const START_ON_FULL_DISK_MS = 15_000
/** Migrations and the first start may take their time. */
const SCRIPT_LIMIT_MS = 3_600_000

// Node's own types leave it out.
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<object> }

let compiled: Promise<object> | undefined

/** PostgreSQL, compiled once for all threads of this process: that takes as long as the rest of a start. */
async function compile(): Promise<object> {
  const file = new URL('pglite.wasm', import.meta.resolve('@electric-sql/pglite'))
  return WebAssembly.compile(await readFile(file))
}

/**
 * Starts the thread; resolves when its database is open. A call that takes longer than `timeoutMs`, or than a
 * second while the disk is full, ends the thread: every waiting call is then rejected.
 */
export async function startThread(dataDir: string, timeoutMs: number): Promise<Thread> {
  compiled ??= compile()
  const worker = new Worker(new URL('./embedded-worker.ts', import.meta.url), {
    workerData: { dataDir, wasm: await compiled } satisfies WorkerOptions,
    // Options meant for the main program, such as --input-type, would keep a thread from starting.
    execArgv: [],
  })
  const waiting = new Map<number, Call>()
  let lastId = 0
  let death: Error | undefined

  const die = (error: Error) => {
    death ??= error
    clearInterval(watchdog)
    for (const { reject } of waiting.values()) reject(death)
    waiting.clear()
  }
  worker.on('error', (error) => die(unavailable('the embedded database crashed', error)))
  worker.on('exit', () => die(unavailable('the embedded database has stopped')))
  worker.on('message', (reply: Reply) => {
    const call = waiting.get(reply.id)
    waiting.delete(reply.id)
    if ('result' in reply) call?.resolve(reply.result)
    else call?.reject(Object.assign(new Error(reply.failure.message), reply.failure))
  })

  const watchdog = setInterval(() => {
    const [oldest] = waiting
    if (oldest === undefined) return
    const [id, { since, limitMs }] = oldest
    const age = performance.now() - since
    const patience = id === 0 ? START_ON_FULL_DISK_MS : STUCK_ON_FULL_DISK_MS
    const isFull = age > patience && isOutOfRoom(dataDir)
    if (!isFull && age <= limitMs) return
    die(isFull ? diskFull() : unavailable(`the embedded database did not respond in ${limitMs} ms`))
    void worker.terminate()
  }, LOOK_MS)
  watchdog.unref()

  const expect = (id: number, limitMs: number) =>
    new Promise<Result>((resolve, reject) => {
      if (death) reject(death)
      else waiting.set(id, { since: performance.now(), limitMs, resolve, reject })
    })
  await expect(0, SCRIPT_LIMIT_MS)
  return {
    get isAlive() {
      return death === undefined
    },
    send(request) {
      lastId += 1
      const reply = expect(lastId, request.action === 'script' ? SCRIPT_LIMIT_MS : timeoutMs)
      if (!death) worker.postMessage({ ...request, id: lastId })
      return reply
    },
    async stop() {
      die(unavailable('the embedded database is closed'))
      await worker.terminate()
    },
  }
}
