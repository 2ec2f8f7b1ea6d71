import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createBenchDatabase } from '../bench-database.ts'
import { residentBytesOf } from '../clock.ts'
import type { Services } from '../environment.ts'
import { startServer } from '../server-process.ts'
import { type Flooded, type FloodName, flood, floodNames } from './floods.ts'
import { startHealthy } from './healthy.ts'
import { fuzzHttp, type HttpFuzzed } from './http-fuzz.ts'
import { fuzzSockets, type SocketFuzzed } from './socket-fuzz.ts'

/** Fewer events on the healthy screen say nothing about a stretch. */
export const LEAST_EVENTS = 10
/** After each stretch the server's memory must return to within this of the quiet one. */
export const MOST_GROWTH_MB = 50
const SETTLE_MS = 15_000
const MOST_PASSES = 4
const LITTLE_BYTES = 10_000_000

export interface HostileOptions {
  readonly services: Services
  readonly seed: string
  /** Mutated HTTP requests, and as many mutated frames. */
  readonly requests: number
  readonly frames: number
  /** Connections per flood. */
  readonly connections: number
  readonly floods?: readonly FloodName[]
  /** Length of the quiet stretch used as the baseline. */
  readonly quietMs: number
  /** Settings of the server, such as shorter timeouts. */
  readonly env?: Readonly<Record<string, string>>
  readonly say?: (line: string) => void
}

/** One stretch of the run, as the healthy screen saw it. */
export interface Stretch {
  readonly name: string
  readonly healthyEvents: number
  readonly healthyP99Ms: number | null
  /** Events of the healthy sender that were not accepted, and whether its screen was cut. */
  readonly healthyFailed: number
  /** Growth of the server's resident memory since the quiet stretch, at the end of this one. */
  readonly grewMb: number | null
}

export interface HostileResult {
  readonly on: string
  readonly seed: string
  readonly stretches: readonly Stretch[]
  readonly http: HttpFuzzed
  readonly sockets: SocketFuzzed
  readonly floods: readonly Flooded[]
  /** Internal failures that the server counted. */
  readonly internalFailures: number
  /** What its log says about them. */
  readonly errors: readonly string[]
  readonly exits: number
}

/** The server's memory in use, without garbage. */
async function heldBytesOf(pid: number): Promise<number | null> {
  process.kill(pid, 'SIGUSR2')
  await delay(500)
  return residentBytesOf(pid)
}

/** Memory of connections that just ended is freed later: waits until the growth is small, at most SETTLE_MS. */
async function settledGrowthMb(pid: number, quietBytes: number | null): Promise<number | null> {
  for (let waitedMs = 0; ; waitedMs += 500) {
    const bytes = await heldBytesOf(pid)
    if (bytes === null || quietBytes === null) return null
    const grewMb = (bytes - quietBytes) / 1e6
    if (grewMb <= MOST_GROWTH_MB || waitedMs >= SETTLE_MS) return grewMb
  }
}

/** Runs every hostile scenario against its own server on loopback, one after the other. */
export async function runHostile(options: HostileOptions): Promise<HostileResult> {
  const { seed, services, say = () => {} } = options
  const dataDir = mkdtempSync(join(tmpdir(), 'creatorflow-hostile-'))
  await using opened = new AsyncDisposableStack()
  opened.defer(() => rmSync(dataDir, { recursive: true, force: true }))
  const { databaseUrl, redisUrl } = services
  const database = databaseUrl
    ? opened.use(await createBenchDatabase(databaseUrl, 'hostile'))
    : undefined
  const server = opened.use(
    await startServer({
      dataDir,
      databaseUrl: database?.url,
      redisUrl,
      env: { ...options.env, LOG_LEVEL: 'error' },
      nodeOptions: ['--expose-gc', '--import', join(import.meta.dirname, 'collect-on-signal.ts')],
    }),
  )
  const port = Number(new URL(server.url).port)
  const [creator, other] = ['healthy', 'hostile']
  await server.createCreator(creator)
  await server.createCreator(other)
  // Each with its own key: an event that lost its creator belongs to the key's creator.
  const hostile = { port, creator: other, key: await server.createKey(other) }
  const watching = { ...hostile, creator, key: await server.createKey(creator) }
  await using healthy = await startHealthy({ ...watching, url: server.url })
  const stretches: Stretch[] = []
  let quietBytes: number | null = null

  const stretch = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    healthy.take()
    const result = await work()
    // A flood that ends at once would be over before the healthy screen has shown anything.
    await healthy.shows(LEAST_EVENTS)
    const { events, p99Ms, failed } = healthy.take()
    quietBytes ??= await heldBytesOf(server.pid)
    const grewMb = await settledGrowthMb(server.pid, quietBytes)
    stretches.push({
      name,
      healthyEvents: events,
      healthyP99Ms: p99Ms === null ? null : Math.round(p99Ms),
      healthyFailed: failed,
      grewMb: grewMb === null ? null : Math.round(grewMb),
    })
    say(JSON.stringify(stretches.at(-1)))
    return result
  }

  // A new process grows anyway, and an embedded database in large steps that it keeps: a warm-up runs the
  // same load until that adds little.
  let heldBytes = 0
  for (let pass = 1; pass <= MOST_PASSES; pass++) {
    await fuzzHttp(hostile, options.requests, `${seed} before ${pass}`)
    await fuzzSockets(hostile, options.frames, `${seed} before ${pass}`)
    for (const name of ['pings', 'fragments'] as const) {
      await flood(name, watching, options.connections)
    }
    const bytes = (await heldBytesOf(server.pid)) ?? 0
    if (bytes - heldBytes < LITTLE_BYTES) break
    heldBytes = bytes
  }
  await stretch('quiet', () => delay(options.quietMs))
  const http = await stretch('requests', () => fuzzHttp(hostile, options.requests, seed))
  const sockets = await stretch('frames', () => fuzzSockets(hostile, options.frames, seed))
  const floods: Flooded[] = []
  for (const name of options.floods ?? floodNames) {
    floods.push(await stretch(name, () => flood(name, watching, options.connections)))
  }
  return {
    on: databaseUrl ? `PostgreSQL${redisUrl ? ' and Redis' : ''}` : 'embedded',
    seed,
    stretches,
    http,
    sockets,
    floods,
    internalFailures: server.isRunning
      ? await server.metric('creatorflow_failures_total', 'code="internal"')
      : -1,
    errors: server.errors,
    exits: server.isRunning ? 0 : 1,
  }
}
