import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'

const programs = resolve(import.meta.dirname, '../src')
const startTimeoutMs = 60_000

/** A server in its own process, to kill. */
export interface ServerProcess extends AsyncDisposable {
  readonly port: number
  /** Its whole output. */
  readonly output: string
  /** Sends the signal and waits for the end; the exit code, or null if a signal ended it. */
  end(signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT'): Promise<number | null>
  readonly running: boolean
}

/** Starts `main.ts`, or another program, and waits until it answers; rejects with its output if it ends before. */
export async function startServer(
  env: Readonly<Record<string, string>>,
  program = 'main',
): Promise<ServerProcess> {
  const { child, output } = spawnServer(env, program)
  const port = await new Promise<number>((done, failed) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      failed(new Error(`the server did not start in time:\n${output()}`))
    }, startTimeoutMs)
    child.once('exit', (code) => {
      clearTimeout(timer)
      failed(new Error(`the server ended with ${code}:\n${output()}`))
    })
    child.stdout?.on('data', () => {
      const found = /is at http:\/\/[^:]+:(\d+)/.exec(output())
      if (!found) return
      clearTimeout(timer)
      done(Number(found[1]))
    })
  })
  const end = async (signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT') => {
    if (isRunning(child)) {
      const exited = once(child, 'exit')
      child.kill(signal)
      await exited
    }
    return child.exitCode
  }
  return {
    port,
    get output() {
      return output()
    },
    get running() {
      return isRunning(child)
    },
    end,
    async [Symbol.asyncDispose]() {
      await end('SIGKILL')
    },
  }
}

/** For a program that ends on its own, such as a server that refuses to start: its exit code and output. */
export async function runServer(
  env: Readonly<Record<string, string>>,
  program: 'main' | 'owner-link' = 'main',
): Promise<{ code: number | null; output: string }> {
  const { child, output } = spawnServer(env, program)
  const timer = setTimeout(() => child.kill('SIGKILL'), startTimeoutMs)
  await once(child, 'close')
  clearTimeout(timer)
  return { code: child.exitCode, output: output() }
}

function spawnServer(env: Readonly<Record<string, string>>, program = 'main') {
  const { PATH, NODE_COMPILE_CACHE } = process.env
  const child = spawn(process.execPath, [resolve(programs, `${program}.ts`)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH, NODE_COMPILE_CACHE, NODE_ENV: 'test', PORT: '0', LOG_LEVEL: 'warn', ...env },
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
  }
  return { child, output: () => text }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null
}
