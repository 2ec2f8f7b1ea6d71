// The embedded database in its own thread: it blocks whatever thread it runs in.
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import type { Field } from './values.ts'

export interface WorkerOptions {
  readonly dataDir: string
  /** PostgreSQL as a `WebAssembly.Module`. */
  readonly wasm: object
}

export type Request =
  | { action: 'query'; text: string; values: (string | null)[] }
  | { action: 'copy'; text: string; chunks: string[] }
  | { action: 'script'; text: string }
  | { action: 'trimLog' }
  | { action: 'close' }

export interface Result {
  command?: string
  fields?: Field[]
  rows?: (string | null)[][]
}

export type Reply =
  | { id: number; result: Result }
  | { id: number; failure: { message: string; code?: string; detail?: string } }

const walBytesBetweenCheckpoints = 64 * 1024 * 1024

const port = parentPort
if (port === null) throw new Error('embedded-worker.ts runs as a worker thread')
const { dataDir, wasm }: WorkerOptions = workerData

// PGlite 0.5.16 decodes values with a decoder that drops a leading byte order mark.
globalThis.TextDecoder = class extends TextDecoder {
  constructor(...[label, options]: ConstructorParameters<typeof TextDecoder>) {
    super(label, { ignoreBOM: true, ...options })
  }
}

const database = await PGlite.create({
  dataDir,
  pgliteWasmModule: wasm,
  startParams: [
    ...PGlite.defaultStartParams,
    ...['-c', 'timezone=UTC', '-c', 'max_wal_size=128MB', '-c', 'min_wal_size=32MB'],
  ],
})
const asText = await everyTypeAsText()
let checkpointedAt = await walPosition()

port.on('message', async ({ id, ...request }: Request & { id: number }) => {
  let reply: Reply
  try {
    reply = { id, result: await run(request) }
  } catch (error) {
    // After a trap nothing in memory can be trusted: the thread ends and all calls fail.
    if (error instanceof Error && error.name === 'RuntimeError') throw error
    reply = { id, failure: toFailure(error) }
  }
  port.postMessage(reply)
  if (request.action === 'close') port.close()
})
port.postMessage({ id: 0, result: {} } satisfies Reply)

async function run(request: Request): Promise<Result> {
  switch (request.action) {
    case 'query': {
      const { fields, rows, command } = await database.query(request.text, request.values, asText)
      return { fields, rows: rows as (string | null)[][], ...(command ? { command } : {}) }
    }
    case 'copy':
      await database.query(request.text, [], { blob: new Blob(request.chunks) })
      return {}
    case 'script':
      // A failed script must not leave its open transaction to the next one.
      await database.exec(request.text).catch(async (error) => {
        await database.exec('rollback')
        throw error
      })
      return {}
    case 'trimLog':
      await trimLog()
      return {}
    case 'close':
      await database.exec('checkpoint')
      await database.close()
      return {}
  }
}

// PGlite 0.5.16 has no checkpointer process: without this pg_wal grows, and so does recovery time.
async function trimLog(): Promise<void> {
  const position = await walPosition()
  if (position - checkpointedAt < walBytesBetweenCheckpoints) return
  await database.exec('checkpoint')
  checkpointedAt = position
}

async function walPosition(): Promise<number> {
  const { rows } = await database.query<{ bytes: number }>(
    `select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::float8 as bytes`,
  )
  return rows[0]?.bytes ?? 0
}

// Values travel as text in both directions and are read in values.ts, like those of the other driver.
async function everyTypeAsText() {
  const { rows } = await database.query<{ oid: number }>('select oid::int from pg_type')
  const same = (value: string) => value
  const parsers = Object.fromEntries(rows.map(({ oid }) => [oid, same]))
  return { rowMode: 'array', parsers, serializers: parsers } as const
}

function toFailure(error: unknown): { message: string; code?: string; detail?: string } {
  if (!(error instanceof Error)) return { message: String(error) }
  const { message, code, detail } = error as Error & { code?: unknown; detail?: unknown }
  return {
    message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof detail === 'string' ? { detail } : {}),
  }
}
