import { diskFull } from '@creatorflow/db/database'
import { freeBytesOf } from '@creatorflow/db/disk'
import type { Config } from '../core/config/config.ts'
import type { Log } from '../core/log.ts'
import type { ReadinessPart } from '../core/readiness.ts'

/** Refuses events before the disk is full: the embedded database cannot continue once it could not write its log. */
export interface DiskGuard {
  /** Throws `diskFull` while there is too little room. */
  check(): void
  readonly part: ReadinessPart
}

/** How long the system's answer is cached: asking costs a few microseconds. */
const BELIEVED_MS = 200

export interface DiskGuardDeps {
  readonly config: Pick<Config, 'dataDir' | 'minFreeBytes'>
  readonly log: Log
  /** Instead of asking the system, for tests. */
  readonly freeBytes?: (folder: string) => number | undefined
}

export function createDiskGuard({
  config: { dataDir, minFreeBytes },
  log,
  freeBytes = freeBytesOf,
}: DiskGuardDeps): DiskGuard {
  let lookedAt = Number.NEGATIVE_INFINITY
  let free: number | undefined
  let wasFull = false

  function isFull(): boolean {
    const now = performance.now()
    if (now - lookedAt < BELIEVED_MS) return wasFull
    lookedAt = now
    free = freeBytes(dataDir)
    const full = free !== undefined && free < minFreeBytes
    if (full && !wasFull) {
      log.error(
        { free_bytes: free, least_bytes: minFreeBytes, data_dir: dataDir },
        'the disk is almost full; events are refused until space is freed',
      )
    }
    if (!full && wasFull) log.info({ free_bytes: free }, 'the disk has enough free space again')
    wasFull = full
    return full
  }

  return {
    check() {
      if (isFull()) throw diskFull()
    },
    get part() {
      const full = isFull()
      if (free === undefined) return { ok: true, detail: 'can’t determine free disk space' }
      const shown = `${Math.floor(free / 1_000_000)} MB free`
      const least = `${Math.ceil(minFreeBytes / 1_000_000)} MB`
      return { ok: !full, detail: full ? `${shown}: events are refused below ${least}` : shown }
    },
  }
}
