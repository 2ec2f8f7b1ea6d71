import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { newDataDir } from '@creatorflow/db/testing'

/** The server as a user starts it, in its own process, on one port and one data folder across restarts. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string
  /** Its output. */
  readonly output: string
  start(): Promise<void>
  /** Kills it at once, without a chance to finish anything. */
  kill(): Promise<void>
}

const main = join(import.meta.dirname, '../server/src/main.ts')

export async function serverProcess(
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const port = await freePort()
  const dataDir = await newDataDir()
  const url = `http://localhost:${port}`
  let child: ChildProcess | undefined
  let output = ''

  async function kill(): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  return {
    url,
    get output() {
      return output
    },
    async start() {
      child = spawn(process.execPath, [main], {
        env: { ...process.env, LOG_LEVEL: 'warn', PORT: String(port), DATA_DIR: dataDir, ...env },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
      for (let tries = 0; tries < 1_000; tries++) {
        if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
        const ready = await fetch(`${url}/readyz`).catch(() => undefined)
        if (ready?.ok) return
        await delay(100)
      }
      throw new Error('the server was not ready within 100 s')
    },
    kill,
    async [Symbol.asyncDispose]() {
      await kill()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
