import { randomUUID } from 'node:crypto'
import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { makeDataDir } from './data-dir.ts'

interface Owner {
  pid: number
  /** When the process started, by the system's count; null without /proc. */
  startedAt: string | null
}

/** A second process on the same data directory. */
export class DataDirInUse extends Error {
  readonly code = 'DATA_DIR_IN_USE'
  constructor(pid: number, dataDir: string) {
    super(
      `${resolve(dataDir)} is in use by process ${pid}. Stop that process, or set a different DATA_DIR.`,
    )
    this.name = 'DataDirInUse'
  }
}

const takeoverAttempts = 100
const takeoverPauseMs = 50

/** Locks the data directory for this process until disposed; takes over a dead owner's lock. */
export async function lockDataDir(dataDir: string): Promise<Disposable> {
  makeDataDir(dataDir)
  const lock = join(dataDir, 'lock')
  const claim = join(dataDir, `lock.${process.pid}.${randomUUID()}`)
  const mine = JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid), key: claim })
  writeFileSync(claim, mine)
  try {
    for (let attempt = 0; attempt < takeoverAttempts; attempt += 1) {
      // A link appears with its whole content or not at all.
      if (succeeds(() => linkSync(claim, lock), 'EEXIST')) return release(lock, mine)
      refuseLiving(lock, dataDir)
      if (takeOver(lock, claim, dataDir)) return release(lock, mine)
      await delay(takeoverPauseMs)
    }
    throw new Error(`${lock} could not be taken over. If no process uses ${dataDir}, delete it.`)
  } finally {
    rmSync(claim, { force: true })
  }
}

/** Replaces a dead owner's lock; one process at a time, which checks again first. */
function takeOver(lock: string, claim: string, dataDir: string): boolean {
  const guard = `${lock}.takeover`
  if (!succeeds(() => mkdirSync(guard), 'EEXIST')) {
    const isForgotten = Date.now() - modifiedAt(guard) > (takeoverAttempts * takeoverPauseMs) / 2
    if (isForgotten) rmSync(guard, { recursive: true, force: true })
    return false
  }
  try {
    refuseLiving(lock, dataDir)
    if (readOwner(lock) === undefined) return false
    renameSync(claim, lock)
    return true
  } finally {
    rmSync(guard, { recursive: true, force: true })
  }
}

function refuseLiving(lock: string, dataDir: string): void {
  const owner = readOwner(lock)
  if (owner && isLiving(owner)) throw new DataDirInUse(owner.pid, dataDir)
}

function release(lock: string, mine: string): Disposable {
  return {
    [Symbol.dispose]() {
      if (readText(lock) === mine) rmSync(lock, { force: true })
    },
  }
}

/** Undefined if there is no lock; an unreadable one counts as a dead owner's. */
function readOwner(lock: string): Owner | undefined {
  const text = readText(lock)
  if (text === undefined) return undefined
  try {
    const { pid, startedAt } = JSON.parse(text)
    if (Number.isSafeInteger(pid) && pid > 0) return { pid, startedAt: startedAt ?? null }
  } catch {
    // Not written by `lockDataDir`, or truncated by a full disk.
  }
  return { pid: 0, startedAt: null }
}

function isLiving({ pid, startedAt }: Owner): boolean {
  if (pid === 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const start = startOf(pid)
  // The pid may have been reused since.
  return startedAt === null || start === null || start === startedAt
}

/** Field 22 of /proc/PID/stat; the name before it may contain spaces and brackets. */
function startOf(pid: number): string | null {
  const stat = readText(`/proc/${pid}/stat`)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // Gone, or never existed.
    return undefined
  }
}

function modifiedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
}

function succeeds(action: () => void, expected: string): boolean {
  try {
    action()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === expected) return false
    throw error
  }
}
