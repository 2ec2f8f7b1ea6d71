import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { hidesServices } from '../../../../scripts/test/backends.ts'

/** A Redis for one test, to kill, freeze and restart on the same port. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string
  start(): Promise<void>
  /** kill -9, as a crash. */
  kill(): Promise<void>
  /** Stops answering without closing a connection, like a network that swallows packets. */
  freeze(): void
  thaw(): void
}

/** Whether `redis-server` is installed on this machine. */
export function redisServerInstalled(): boolean {
  if (hidesServices()) return false
  return (process.env.PATH ?? '')
    .split(delimiter)
    .some((folder) => existsSync(join(folder, 'redis-server')))
}

export async function createRedisServer(): Promise<RedisServer> {
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'creatorflow-redis-'))
  let running: ChildProcess | undefined

  async function kill() {
    const child = running
    running = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  return {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      const child = spawn(
        'redis-server',
        ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
        { stdio: ['ignore', 'pipe', 'ignore'] },
      )
      running = child
      for await (const chunk of child.stdout) {
        if (String(chunk).includes('Ready to accept connections')) break
      }
    },
    kill,
    freeze: () => void running?.kill('SIGSTOP'),
    thaw: () => void running?.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
