// npm test [-- arguments of vitest]: the last line is always "N passed, N failed". npm run test:long:
// everything on every edition, with many random cases. npm test -- --without-services: as on a machine with
// nothing installed, only the files whose tests depend on the environment.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildClient, isClientStale } from './client-build.ts'
import { filesThatAskWhatIsFound } from './test/depending-files.ts'
import { type Counts, summaryLine } from './test/summary.ts'

const repository = join(import.meta.dirname, '..')
const ownOptions = ['--long', '--without-services']
const [isLong, withoutServices] = ownOptions.map((option) => process.argv.includes(option))
const compileCache = join(tmpdir(), 'creatorflow-compile-cache')
const scratch = mkdtempSync(join(tmpdir(), 'creatorflow-test-'))
const counts = run()
rmSync(scratch, { recursive: true, force: true })
console.log(summaryLine(counts))
process.exitCode = counts.failed > 0 ? 1 : 0

function run(): Counts {
  // The browser tests open the built client; without services there is no browser.
  const opensClient =
    !withoutServices && mayRunBrowserTests() && existsSync(join(repository, 'client/src/routes'))
  if (opensClient && isClientStale() && !buildClient()) return { passed: 0, failed: 1, skipped: 0 }
  const file = join(scratch, 'summary.json')
  const vitest = join(repository, 'node_modules/vitest/vitest.mjs')
  const given = process.argv.slice(2).filter((word) => !ownOptions.includes(word))
  const chosen = withoutServices ? filesThatAskWhatIsFound(repository) : []
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...given, ...chosen], {
    cwd: repository,
    stdio: 'inherit',
    env: {
      ...process.env,
      TEST_SUMMARY_FILE: file,
      // Half of a test server's start is reading the same sources.
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? compileCache,
      TEST_LONG: isLong ? '1' : '',
      ...(withoutServices && { TEST_WITHOUT_SERVICES: '1', REQUIRE_BACKENDS: '' }),
    },
  })
  const counts: Counts = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { passed: 0, failed: 0, skipped: 0 }
  // A run that did not even start, or broke while ending, is not a success.
  if (status !== 0 && counts.failed === 0) counts.failed = 1
  return counts
}

/** Named files of other folders need no built client, and a build costs more than most of them. */
function mayRunBrowserTests(): boolean {
  const files = process.argv.slice(2).filter((word) => word.endsWith('.ts'))
  return files.length === 0 || files.some((file) => file.includes('e2e'))
}
