import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const repository = join(import.meta.dirname, '..')
const stampFile = join(repository, 'client/build/.built-from')
const sources = [
  'client/{src,static}/**/*',
  'client/*.{ts,json}',
  'shared/src/**/*.ts',
  'package-lock.json',
]

/** Hash of the client's sources. Contents, not times: a fresh clone has new times for the same sources. */
export function clientFingerprint(): string {
  const files = sources.flatMap((pattern) =>
    globSync(pattern, { cwd: repository, withFileTypes: true }),
  )
  const hash = createHash('sha256')
  for (const path of files
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .sort())
    hash.update(path.slice(repository.length)).update('\0').update(readFileSync(path))
  return hash.digest('hex')
}

export function isClientStale(): boolean {
  return !existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== clientFingerprint()
}

/** False if the build fails; the reason was printed. */
export function buildClient(): boolean {
  // Computed first: a file that changes during the build must make the next start build again.
  const builtFrom = clientFingerprint()
  const started = Date.now()
  process.stdout.write('Building the web app… ')
  const { status, stdout, stderr } = spawnSync(
    'npm',
    ['run', '--silent', 'build', '-w', 'client'],
    {
      cwd: repository,
      encoding: 'utf8',
    },
  )
  if (status !== 0) {
    console.log('failed')
    console.error(`${stdout}${stderr}`)
    return false
  }
  writeFileSync(stampFile, builtFrom)
  console.log(`done in ${((Date.now() - started) / 1000).toFixed(1)} s`)
  return true
}
