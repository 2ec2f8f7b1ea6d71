// npm test [-- arguments of vitest]: the last line is always "N passed, N failed".
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildClient, isClientStale } from './client-build.ts'
import { type Counts, summaryLine } from './test/summary.ts'

const repository = join(import.meta.dirname, '..')
const scratch = mkdtempSync(join(tmpdir(), 'creatorflow-test-'))
const counts = run()
rmSync(scratch, { recursive: true, force: true })
console.log(summaryLine(counts))
process.exitCode = counts.failed > 0 ? 1 : 0

function run(): Counts {
  // The browser tests open the built client.
  const hasClient = existsSync(join(repository, 'client/src/routes'))
  if (hasClient && isClientStale() && !buildClient()) return { passed: 0, failed: 1, skipped: 0 }
  const file = join(scratch, 'summary.json')
  const vitest = join(repository, 'node_modules/vitest/vitest.mjs')
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...process.argv.slice(2)], {
    cwd: repository,
    stdio: 'inherit',
    env: { ...process.env, TEST_SUMMARY_FILE: file },
  })
  const counts: Counts = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { passed: 0, failed: 0, skipped: 0 }
  // A run that did not even start, or broke while it ended, is no success.
  if (status !== 0 && counts.failed === 0) counts.failed = 1
  return counts
}
