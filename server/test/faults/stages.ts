import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Database } from '@creatorflow/db/database'
import { openDatabase } from '@creatorflow/db/open'
import { createMigratedDatabase, newDataDir } from '@creatorflow/db/testing'
import { onTestFinished } from 'vitest'
import { type ServerProcess, startServer } from '../server-process.ts'
import { SCREENS, type Stage } from './drill.ts'
import { type FaultScreen, openFaultScreen, type ScreenOptions } from './screens.ts'

/** All screens come from one address here. */
export const roomy = { MAX_SOCKETS_PER_IP: '5000', MAX_SOCKETS: '5000' }

export const key = `cf_live_faultkey_${'f'.repeat(43)}`
export const creatorId = 'shop'

/** A server in its own process that keeps its port across kills. */
export interface KillableNode {
  readonly port: number
  readonly url: string
  readonly running: boolean
  start(): Promise<void>
  kill(): Promise<void>
}

/** Where the nodes of a test keep their data. */
export interface Ground {
  node(env?: Readonly<Record<string, string>>): Promise<KillableNode>
  /** Ends every node first: an embedded database is for one process at a time. */
  openLog(): Promise<Database>
}

/** An empty database, embedded or on the server of `url`, and nodes on it. */
export async function prepareGround(url: string | undefined): Promise<Ground> {
  const dataDir = await newDataDir()
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  const own = url === undefined ? undefined : await createMigratedDatabase(url)
  if (own) onTestFinished(() => own.drop())
  const processes = new Set<ServerProcess>()
  const endAll = async () => {
    for (const server of processes) await server.end('SIGKILL')
  }
  onTestFinished(endAll)

  return {
    async node(env = {}) {
      const port = await freePort()
      let server: ServerProcess | undefined
      return {
        port,
        url: `http://127.0.0.1:${port}`,
        get running() {
          return server?.running === true
        },
        async start() {
          server = await startServer({
            ...roomy,
            PORT: String(port),
            DATA_DIR: dataDir,
            BOOTSTRAP_CREATOR: creatorId,
            BOOTSTRAP_API_KEY: key,
            ...(own && { DATABASE_URL: own.url }),
            ...env,
          })
          processes.add(server)
        },
        async kill() {
          await server?.end('SIGKILL')
        },
      }
    },
    async openLog() {
      await endAll()
      return openDatabase({ dataDir, databaseUrl: own?.url })
    },
  }
}

/** One server that may be killed, and screens on it. */
export async function placeOneNode(
  url: string | undefined,
): Promise<{ node: KillableNode; stage: Stage }> {
  const ground = await prepareGround(url)
  const node = await ground.node()
  await node.start()
  const screens = openScreens([node.url], { key, creatorId })
  const port = () => (node.running ? node.port : undefined)
  return { node, stage: { creatorId, key, port, screens, openLog: ground.openLog } }
}

/** Screens spread over the addresses in turn, closed when the test ends. */
export function openScreens(
  urls: readonly string[],
  options: Omit<ScreenOptions, 'url'>,
  count = SCREENS,
): FaultScreen[] {
  const screens = Array.from({ length: count }, (_, n) =>
    openFaultScreen({ ...options, url: urls[n % urls.length] ?? '' }),
  )
  onTestFinished(() => screens.forEach((screen) => void screen.close()))
  return screens
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
