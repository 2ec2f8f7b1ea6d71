import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** As in `client/messages.ts`, which loads the compiler. */
type Locale = 'en' | 'en-XA' | 'en-XB'

const repository = join(import.meta.dirname, '..')
/** Where a build is: of English, or of a pseudo-locale. */
export const buildFolder = (locale: Locale = 'en'): string =>
  join(repository, locale === 'en' ? 'client/build' : `client/build-${locale}`)
const stampFile = (locale: Locale) => join(buildFolder(locale), '.built-from')
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

export function isClientStale(locale: Locale = 'en'): boolean {
  const stamp = stampFile(locale)
  return !existsSync(stamp) || readFileSync(stamp, 'utf8') !== clientFingerprint()
}

/** False if the build fails; the reason was printed. */
export function buildClient(locale: Locale = 'en'): boolean {
  // Computed first: a file that changes during the build must make the next start build again.
  const builtFrom = clientFingerprint()
  const started = Date.now()
  process.stdout.write('Building the web app… ')
  const { status, stdout, stderr } = spawnSync(
    'npm',
    [
      ...['run', '--silent', 'build', '-w', 'client'],
      ...(locale === 'en' ? [] : ['--', '--mode', locale]),
    ],
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
  writeFileSync(stampFile(locale), builtFrom)
  console.log(`done in ${((Date.now() - started) / 1000).toFixed(1)} s`)
  return true
}
