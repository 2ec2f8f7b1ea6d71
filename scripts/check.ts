// npm run check: all checks in parallel. Each one's output comes in one piece when it ends.
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { compileMessages } from '../client/messages.ts'

const checks = [
  // The longest first.
  'npm run --silent check -w client',
  'tsc',
  'biome ci --error-on-warnings .',
  'tsc -p shared',
  'npm run --silent check:floors',
  'npm run --silent check:size',
  'npm run --silent check:spec',
  'npm run --silent check:strip',
  'npm run --silent check:words -w client',
]

// Types are checked against the compiled messages.
await compileMessages('locale-modules')
const failed = (await Promise.all(checks.map(run))).flat()
if (failed.length > 0) {
  console.error(`failed: ${failed.join(', ')}`)
  process.exitCode = 1
}

/** Its name if it failed. */
async function run(check: string): Promise<string[]> {
  const child = spawn(`${check} 2>&1`, { shell: true, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<number | null>((done) => child.once('close', done))
  const said = await text(child.stdout)
  const code = await ended
  process.stdout.write(`${code === 0 ? 'ok' : 'failed'}: ${check}\n${said}`)
  return code === 0 ? [] : [check]
}
