import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** What a child process can be asked, by name; each takes one serializable input. */
export type Handlers = { readonly [name: string]: (input: never) => unknown }

export interface Child<H extends Handlers> extends AsyncDisposable {
  readonly pid: number
  /** Rejects when the handler throws, the process ends, or the answer takes too long. */
  ask<K extends keyof H & string>(
    name: K,
    input: Parameters<H[K]>[0],
    timeoutMs?: number,
  ): Promise<Awaited<ReturnType<H[K]>>>
}

interface Question {
  readonly id: number
  readonly name: string
  readonly input: unknown
}
interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly error?: string
}

const TIMEOUT_MS = 180_000
const running = new Set<ChildProcess>()
process.on('exit', endChildren)

/** Ends every started process that still runs. */
export function endChildren(): void {
  for (const child of running) child.kill('SIGKILL')
}

/** A process that must not outlive this one. */
export function endWithUs(child: ChildProcess): void {
  running.add(child)
  child.once('exit', () => running.delete(child))
}

/** Starts a process of this folder that calls `serve`, such as `sender-process.ts`. */
export function startChild<H extends Handlers>(file: string): Child<H> {
  const child = fork(join(import.meta.dirname, file), { serialization: 'advanced' })
  endWithUs(child)
  const waiting = new Map<number, (answer: Answer) => void>()
  let asked = 0
  child.on('message', (answer: Answer) => waiting.get(answer.id)?.(answer))
  child.once('exit', (code) => {
    for (const [id, done] of waiting) done({ id, error: `${file} ended with ${code}` })
  })
  return {
    pid: child.pid as number,
    ask: (name, input, timeoutMs = TIMEOUT_MS) =>
      new Promise((resolve, reject) => {
        const id = ++asked
        const done = (answer: Answer) => {
          clearTimeout(timer)
          waiting.delete(id)
          if (answer.error !== undefined) reject(new Error(answer.error))
          // Safe: `serve` answers with the result of the handler of this name.
          else resolve(answer.value as never)
        }
        const timer = setTimeout(
          () => done({ id, error: `${file} did not answer ${name} within ${timeoutMs} ms` }),
          timeoutMs,
        )
        waiting.set(id, done)
        child.send({ id, name, input } satisfies Question, (error) => {
          if (error) done({ id, error: `${file} is gone: ${error.message}` })
        })
      }),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

/** Makes this process one that answers; it ends with its parent. */
export function serve(handlers: Handlers): void {
  process.on('disconnect', () => process.exit())
  process.on('message', async ({ id, name, input }: Question) => {
    try {
      const value = await handlers[name]?.(input as never)
      process.send?.({ id, value } satisfies Answer)
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
      process.send?.({ id, error: reason } satisfies Answer)
    }
  })
}
