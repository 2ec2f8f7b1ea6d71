import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { errorCode } from './database.ts'

/** A data directory that cannot be used; its message says what is wrong and what to do. */
export class DataDirUnusable extends Error {
  readonly code = 'DATA_DIR_UNUSABLE'
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'DataDirUnusable'
  }
}

/** What the server itself writes into a data directory. */
const ownEntries = /^(lock(\..+)?|pg|pg\.incomplete(\..+)?|secret\.key(\..+)?|lost\+found)$/
/** Without any of these PostgreSQL would create a new database, or not start. */
const databaseParts = ['PG_VERSION', 'global/pg_control', 'base', 'pg_wal']
/** System errors, in words. */
const reasons: Readonly<Record<string, string>> = {
  EEXIST: 'is a file. Set DATA_DIR to a folder.',
  ENOTDIR: 'is inside a file. Set DATA_DIR to a folder.',
  ENOENT: 'cannot be created there. Set DATA_DIR to a folder on a disk.',
  EACCES: 'is not writable for this user. Change its owner, or set DATA_DIR to another folder.',
  EPERM: 'is not writable for this user. Change its owner, or set DATA_DIR to another folder.',
  EROFS: 'is on a read-only file system. Set DATA_DIR to a writable folder.',
  ENOSPC: 'is on a disk that is full. Free some space and start again.',
  EDQUOT: 'exceeds this user’s disk quota. Free some space and start again.',
}
const othersAndGroup = 0o077
const others = 0o007

/**
 * Creates the data directory if missing, private to its owner, and refuses one left by another program or a
 * broken copy without touching it. Throws `DataDirUnusable`.
 */
export function prepareDataDir(dataDir: string): void {
  const shown = shownAs(dataDir)
  inWords(dataDir, () => {
    makeDataDir(dataDir)
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
    refuseForeign(dataDir, shown)
    refuseIncomplete(join(dataDir, 'pg'), shown)
    closeToOthers(dataDir, shown)
    // Permission bits are not enough: a file system may be mounted read-only.
    const probe = join(dataDir, `lock.probe.${process.pid}`)
    try {
      writeFileSync(probe, 'written')
    } finally {
      rmSync(probe, { force: true })
    }
  })
}

/** Not `recursive`: under /proc, where no folder can be made, that retries forever. */
export function makeDataDir(dataDir: string): void {
  if (existsSync(dataDir) && statSync(dataDir).isDirectory()) return
  const parent = dirname(resolve(dataDir))
  if (!existsSync(parent)) makeDataDir(parent)
  mkdirSync(dataDir, { mode: 0o700 })
}

/** Runs `action` in a data directory; if the system refuses it, throws a `DataDirUnusable` with the reason. */
export function inWords<T>(dataDir: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    const reason = reasons[errorCode(error) ?? '']
    if (reason === undefined) throw error
    throw new DataDirUnusable(`${shownAs(dataDir)} ${reason}`, error)
  }
}

function shownAs(dataDir: string): string {
  return `DATA_DIR ${resolve(dataDir)}`
}

function refuseForeign(dataDir: string, shown: string): void {
  const entries = readdirSync(dataDir)
  const foreign = entries.find((name) => !ownEntries.test(name))
  if (foreign === undefined) return
  // An extra file next to a database is fine; without a database this is not our folder.
  if (existsSync(join(dataDir, 'pg', 'PG_VERSION'))) return
  throw new DataDirUnusable(
    `${shown} is not empty ("${foreign}") and contains no database. Set DATA_DIR to an empty folder, or copy the ` +
      'whole backup there.',
  )
}

function refuseIncomplete(folder: string, shown: string): void {
  if (!existsSync(folder) || existsSync(`${folder}.incomplete`)) return
  if (readdirSync(folder).length === 0) return
  const missing = databaseParts.find((part) => !existsSync(join(folder, part)))
  if (missing !== undefined) {
    throw new DataDirUnusable(
      `${shown} contains only part of a database: pg/${missing} is missing. Stop both servers and copy the whole ` +
        'folder again. To start without data, move pg away.',
    )
  }
}

/** It holds password hashes: other accounts on the machine must not read them. */
function closeToOthers(dataDir: string, shown: string): void {
  const { mode } = statSync(dataDir)
  if ((mode & othersAndGroup) === 0) return
  try {
    chmodSync(dataDir, 0o700)
    for (const name of readdirSync(dataDir, { recursive: true }) as string[]) {
      closeEntry(join(dataDir, name))
    }
  } catch (error) {
    // A volume of another owner, shared only with our group, is as private as it gets.
    if ((mode & others) === 0) return
    throw new DataDirUnusable(
      `${shown} is readable by every user of this machine, and this process can’t change that. Run: chmod -R go-rwx ` +
        resolve(dataDir),
      error,
    )
  }
}

function closeEntry(path: string): void {
  // A lock that is being released at this moment.
  const { mode } = statSync(path, { throwIfNoEntry: false }) ?? { mode: 0 }
  if (mode & othersAndGroup) chmodSync(path, mode & 0o700)
}
