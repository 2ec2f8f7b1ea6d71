// A small disk for one test, to fill or make read-only.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallDisk extends Disposable {
  readonly folder: string
  /** Leaves so many bytes free; 0 leaves none. */
  fill(leaveBytes: number): void
  empty(): void
  makeReadOnly(): void
}

/** Mounts it; throws if this user may not. */
export function mountSmallDisk(megabytes: number): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'creatorflow-disk-'))
  const filler = join(folder, 'filler')
  const { status, stderr } = run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'none', folder)
  if (status !== 0) {
    rmSync(folder, { recursive: true })
    throw new Error(`no disk could be mounted: ${stderr}`)
  }
  return {
    folder,
    fill(leaveBytes) {
      for (let left = freeBytes(folder) - leaveBytes; left > 0; ) {
        const bytes = Math.min(left, 4_000_000)
        try {
          writeFileSync(filler, Buffer.alloc(bytes), { flag: 'a' })
        } catch {
          // Someone else took the last of it.
          return
        }
        left -= bytes
      }
    },
    empty: () => rmSync(filler, { force: true }),
    makeReadOnly: () => void run('mount', '-o', 'remount,ro', folder),
    [Symbol.dispose]() {
      // Lazily: a process with open files there ends on its own.
      run('umount', '-l', folder)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Whether this user may mount at all. */
export function canMount(): boolean {
  try {
    mountSmallDisk(1)[Symbol.dispose]()
    return true
  } catch {
    return false
  }
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

function run(command: string, ...args: string[]) {
  return spawnSync(command, args, { encoding: 'utf8' })
}
