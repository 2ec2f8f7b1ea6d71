import { spawn, spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const repository = join(import.meta.dirname, '../..')
/** Programs, data and logs of the services. */
export const stateDir = resolve(repository, process.env.SERVICES_DIR ?? '.services')
export const envFile = join(stateDir, 'env')

/** Ends the command with a sentence instead of a stack trace. */
export class Advice extends Error {}

export function answers(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 20_000 }).status === 0
}

export function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (status === 0) return stdout
  throw new Advice(
    `\`${[command, ...args].join(' ')}\` failed${error ? `: ${error.message}` : ''}\n${stdout}${stderr}`.trim(),
  )
}

/** Runs a long command with a progress line every few seconds, and shows its output only if it fails. */
export async function runWithProgress(label: string, command: string, args: string[]) {
  const started = Date.now()
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`
  let last = ''
  let output = ''
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      output = (output + text).slice(-4_000)
      last = text.trim().split('\n').at(-1) ?? last
    })
  }
  console.log(`${label} …`)
  const timer = setInterval(() => console.log(`  ${seconds()} · ${last.slice(0, 90)}`), 5_000)
  try {
    const code = await new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', resolve)
    })
    if (code !== 0) throw new Advice(`${label} failed (exit code ${code}):\n${output}`)
  } finally {
    clearInterval(timer)
  }
  console.log(`${label}: done in ${seconds()}`)
}

/** Starts a server that outlives this process, and returns when it answers. */
export async function startServer(
  name: string,
  logFile: string,
  [command, ...args]: [string, ...string[]],
  answers: () => Promise<boolean>,
) {
  let exited = true
  const spawnAgain = () => {
    const log = openSync(logFile, 'a')
    const child = spawn(command, args, { cwd: '/', detached: true, stdio: ['ignore', log, log] })
    closeSync(log)
    child.on('error', () => {})
    child.on('exit', () => {
      exited = true
    })
    child.unref()
    exited = false
  }
  let nextAttempt = 0
  await until(`${name} answers (see ${logFile})`, 30_000, async () => {
    // After a crash PostgreSQL refuses to start until the last of the old processes is gone.
    if (exited && Date.now() >= nextAttempt) {
      nextAttempt = Date.now() + 1_000
      spawnAgain()
    }
    return !exited && (await answers())
  })
}

/** The name is compared too: after a reboot the pid may belong to another process. */
export function isRunning(pid: number, name: string): boolean {
  try {
    const [, comm = '', state] =
      /\((.*)\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    // A zombie is dead: in a container nobody may ever collect it.
    return comm.startsWith(name) && state !== 'Z'
  } catch {
    return false
  }
}

export async function until(
  what: string,
  limitMs: number,
  check: () => boolean | Promise<boolean>,
) {
  const deadline = Date.now() + limitMs
  while (!(await check())) {
    if (Date.now() > deadline) throw new Advice(`${what}: not within ${limitMs / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
