import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { canMountDisk } from '../../scripts/test/backends.ts'
import { mountSmallDisk } from '../../scripts/test/tmpfs.ts'
import { DataDirUnusable, prepareDataDir } from './data-dir.ts'

let place: string
let dataDir: string
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'creatorflow-place-'))
  dataDir = join(place, 'data')
})
afterEach(() => rmSync(place, { recursive: true, force: true }))

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

/** Files as a database leaves them. */
function putDatabase(): void {
  for (const folder of ['global', 'base', 'pg_wal']) {
    mkdirSync(join(dataDir, 'pg', folder), { recursive: true })
  }
  writeFileSync(join(dataDir, 'pg/PG_VERSION'), '18\n')
  writeFileSync(join(dataDir, 'pg/global/pg_control'), 'x')
}

test('[STORE-4] a new data directory is private to its owner', () => {
  prepareDataDir(dataDir)
  expect(modeOf(dataDir)).toBe('700')
})

test('[STORE-4] a data directory open to others is made private, with everything in it', () => {
  putDatabase()
  writeFileSync(join(dataDir, 'secret.key'), 'x')
  chmodSync(join(dataDir, 'secret.key'), 0o644)
  chmodSync(join(dataDir, 'pg/global/pg_control'), 0o666)
  chmodSync(join(dataDir, 'pg'), 0o755)
  chmodSync(dataDir, 0o755)
  prepareDataDir(dataDir)
  expect(modeOf(dataDir)).toBe('700')
  for (const name of readdirSync(dataDir, { recursive: true }) as string[]) {
    expect(modeOf(join(dataDir, name)), name).toMatch(/00$/)
  }
})

test.each([
  ['a folder of somebody else', 'photo.jpg', 'set', 'is not empty ("photo.jpg")'],
  ['a copy without its version', 'pg/base/5/1259', 'copy', 'pg/PG_VERSION is missing'],
  ['a copy without its control file', 'pg/PG_VERSION', 'copy', 'pg/global/pg_control is missing'],
  ['an archive that was not unpacked', 'backup.tar.gz', 'set', 'contains no database'],
])('[STORE-4] %s is refused with what to do, and nothing in it changes', (_, file, todo, words) => {
  mkdirSync(join(dataDir, file, '..'), { recursive: true })
  writeFileSync(join(dataDir, file), 'x')
  chmodSync(dataDir, 0o755)
  const before = readdirSync(dataDir, { recursive: true })
  expect(() => prepareDataDir(dataDir)).toThrow(DataDirUnusable)
  expect(() => prepareDataDir(dataDir)).toThrow(words)
  expect(() => prepareDataDir(dataDir)).toThrow(new RegExp(todo, 'i'))
  expect(readdirSync(dataDir, { recursive: true })).toEqual(before)
  expect(modeOf(dataDir)).toBe('755')
})

test('[STORE-4] a complete database is accepted, even with other files; so are keys alone and an empty folder', () => {
  mkdirSync(join(dataDir, 'pg'), { recursive: true })
  prepareDataDir(dataDir)
  writeFileSync(join(dataDir, 'secret.key'), 'x')
  prepareDataDir(dataDir)
  putDatabase()
  writeFileSync(join(dataDir, 'notes.txt'), 'x')
  prepareDataDir(dataDir)
  expect(existsSync(join(dataDir, 'notes.txt'))).toBe(true)
})

test('[STORE-4] a file, a path below a file and a path that cannot hold a folder are refused at once, with the reason', () => {
  writeFileSync(dataDir, 'x')
  expect(() => prepareDataDir(dataDir)).toThrow(`DATA_DIR ${dataDir} is a file.`)
  expect(() => prepareDataDir(join(dataDir, 'below'))).toThrow('is inside a file.')
  if (existsSync('/proc/self')) {
    expect(() => prepareDataDir('/proc/x')).toThrow('DATA_DIR /proc/x cannot be created there.')
  }
})

test.skipIf(!canMountDisk())('[STORE-4] a read-only disk and a full one are named', () => {
  using disk = mountSmallDisk(1)
  const folder = join(disk.folder, 'data')
  prepareDataDir(folder)
  disk.fill(0)
  expect(() => prepareDataDir(folder)).toThrow('is on a disk that is full.')
  disk.empty()
  disk.makeReadOnly()
  for (const at of [folder, join(disk.folder, 'other')]) {
    expect(() => prepareDataDir(at)).toThrow('is on a read-only file system.')
  }
})

test.skipIf(process.getuid?.() !== 0)('[STORE-4] a folder of another user is named', async () => {
  mkdirSync(dataDir, { mode: 0o700 })
  chmodSync(place, 0o755)
  const script = `
    const { prepareDataDir } = await import(${JSON.stringify(join(import.meta.dirname, 'data-dir.ts'))})
    try { prepareDataDir(process.argv[1]) } catch (error) { console.log(error.message) }`
  const args = ['--input-type=module', '--eval', script, dataDir]
  const child = spawn(process.execPath, args, { uid: 65_534, gid: 65_534 })
  expect(await text(child.stdout)).toContain('is not writable for this user.')
})
