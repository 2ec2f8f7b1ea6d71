import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Advice, answers, run, runWithProgress, stateDir } from './run.ts'

/** A file system that holds the programs: this machine's own, or a Debian 13 in a folder. */
export interface Tree {
  /** '/' or the folder. */
  readonly root: string
  /** Where both servers keep their files, as this process sees it. */
  readonly dataDir: string
  /** The same folder as seen by a program inside the tree. */
  readonly innerDataDir: string
}

const packages = ['postgresql-17', 'postgresql-17-timescaledb', 'redis-server', 'tzdata-legacy']
const folder = join(stateDir, 'trixie')
const isRoot = process.getuid?.() === 0

export const postgresBin = '/usr/lib/postgresql/17/bin'

const inFolder: Tree = { root: folder, dataDir: join(folder, 'srv'), innerDataDir: '/srv' }
const onThisMachine: Tree = { root: '/', dataDir: stateDir, innerDataDir: stateDir }

/** The existing tree, if any. */
export function findTree(): Tree | undefined {
  return [onThisMachine, inFolder].find(holdsPrograms)
}

export async function prepareTree(): Promise<Tree> {
  const found = findTree()
  if (found === inFolder && !isRoot)
    throw new Advice(`Only root can use ${folder}. ${howToInstall}`)
  if (found) return found
  if (!isRoot || !answers('debootstrap', '--version')) throw new Advice(howToInstall)
  const partial = `${folder}.partial`
  rmSync(partial, { recursive: true, force: true })
  await runWithProgress(
    'Debian 13 with PostgreSQL 17, TimescaleDB and Redis (700 MB)',
    'debootstrap',
    [
      '--variant=minbase',
      `--include=${packages.join(',')}`,
      'trixie',
      partial,
      mirrorOfThisMachine(),
    ],
  )
  renameSync(partial, folder)
  return inFolder
}

/** A command line that runs inside the tree, never as root: PostgreSQL refuses that. */
export function inside(tree: Tree, user: 'postgres' | 'redis', ...command: string[]) {
  return (isRoot ? ['chroot', `--userspec=${user}:${user}`, tree.root, ...command] : command) as [
    string,
    ...string[],
  ]
}

export function makeDataDir(tree: Tree, user: 'postgres' | 'redis') {
  mkdirSync(join(tree.dataDir, user), { recursive: true, mode: 0o700 })
  if (isRoot) run('chroot', tree.root, 'chown', `${user}:${user}`, join(tree.innerDataDir, user))
}

/** A settings file that only its server can read. */
export function writeSettings(tree: Tree, user: 'postgres' | 'redis', name: string, text: string) {
  writeFileSync(join(tree.dataDir, name), text, { mode: 0o600 })
  if (isRoot) run('chroot', tree.root, 'chown', `${user}:${user}`, join(tree.innerDataDir, name))
}

/** The server's previous port: its address should survive a crash. */
export function portInSettings(tree: Tree, name: string): number | undefined {
  const path = join(tree.dataDir, name)
  const port = existsSync(path) && /^port (?:= )?(\d+)$/m.exec(readFileSync(path, 'utf8'))?.[1]
  return port ? Number(port) : undefined
}

function holdsPrograms({ root }: Tree): boolean {
  const libraries = join(root, '/usr/lib/postgresql/17/lib')
  return (
    existsSync(join(root, postgresBin, 'postgres')) &&
    existsSync(join(root, '/usr/bin/redis-server')) &&
    readdirSync(libraries).includes('timescaledb.so')
  )
}

function mirrorOfThisMachine(): string {
  const targets = answers('apt-get', '--version')
    ? run('apt-get', 'indextargets', '--format', '$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)')
    : ''
  const mirror = /^Debian\|Debian\|main\|(.+)$/m.exec(targets)?.[1]
  if (mirror) return mirror
  throw new Advice(`apt knows no Debian mirror (try \`apt-get update\`). ${howToInstall}`)
}

const howToInstall = `Found neither a Docker engine with Compose, nor PostgreSQL 17 with TimescaleDB and Redis. Install one of:
  - Docker with the compose plugin;
  - Debian 13:        apt-get install ${packages.slice(0, 3).join(' ')}
  - an older Debian:  apt-get install debootstrap, and run this as root;
  - your own servers: set TEST_DATABASE_URL and TEST_REDIS_URL.`
