import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { DataDirUnusable } from './data-dir.ts'
import { diskFull, isDiskFull, isUnavailable, unavailable } from './database.ts'
import { isOutOfRoom } from './disk.ts'
import { startThread, type Thread } from './embedded-thread.ts'

/** A thread that is replaced when it ended. */
export interface KeptThread {
  /** The thread, or another one when it ended. Throws `unavailable` while none can be started. */
  living(): Promise<Thread>
  /** Replaces it no more. */
  retire(): void
  stop(): Promise<void>
}

/** After a thread could not be replaced, calls are refused for this long before it is tried again. */
const RESTART_PAUSE_MS = 1_000

/** Starts a thread; throws DataDirUnusable when the first one does not start. */
export async function keepThread(dataDir: string, timeoutMs: number): Promise<KeptThread> {
  const markComplete = discardIncomplete(dataDir)
  let thread = await startThread(dataDir, timeoutMs).catch((error: unknown) => {
    throw startFailure(dataDir, error)
  })
  markComplete()
  let isRetired = false
  let refusedUntil: { at: number; error: unknown } = { at: 0, error: undefined }

  return {
    async living() {
      if (thread.isAlive || isRetired) return thread
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
    },
    retire() {
      isRetired = true
    },
    stop: () => thread.stop(),
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

/** A first start that was killed leaves half a database, which never opens: it is made again. */
function discardIncomplete(dataDir: string): () => void {
  const mark = `${dataDir}.incomplete`
  // Moved, not deleted: somebody may have put a backup there since.
  if (existsSync(mark) && existsSync(dataDir)) renameSync(dataDir, `${mark}.${Date.now()}`)
  if (existsSync(dataDir)) return () => {}
  writeFileSync(mark, '')
  return () => rmSync(mark, { force: true })
}
