import { openTimescale } from '@creatorflow/db/timescale'
import { expect, onTestFinished, test } from 'vitest'
import { createInProcessBus } from '../../src/bus/in-process.ts'
import { silentLog } from '../../src/core/log.ts'
import { createTelemetry } from '../../src/core/telemetry.ts'
import { startApp, type TestApp } from '../harness.ts'
import { sentEvents } from '../live-events.ts'
import { isExact } from '../live-screen.ts'
import { createPostgresServer, postgresInstalled } from './postgres-server.ts'
import type { FaultScreen } from './screens.ts'
import { openScreens, roomy } from './stages.ts'

const patient = { timeout: 30_000 }

/** Two running nodes, and their screens, on a database that is replaced under them. */
async function place() {
  const server = await createPostgresServer()
  onTestFinished(() => server[Symbol.asyncDispose]())
  const database = await openTimescale({ url: server.url })
  onTestFinished(() => database[Symbol.asyncDispose]())
  const bus = createInProcessBus({ log: silentLog(), telemetry: createTelemetry() })
  const nodes = [
    await startApp({ database, bus, env: roomy }),
    await startApp({ database, bus, env: roomy }),
  ] as const
  for (const node of nodes) onTestFinished(() => node[Symbol.asyncDispose]())
  const creator = await nodes[0].newCreator()
  const screens = openScreens(
    nodes.map(({ url }) => url),
    { key: creator.key, creatorId: creator.id },
    20,
  )
  return { server, nodes, creator, screens }
}

/** Sent until it is stored: a node has to find its way back to the database first. */
async function send(node: TestApp, creatorId: string, count: number): Promise<void> {
  const events = sentEvents(creatorId, count)
  await expect.poll(async () => (await node.post(events)).status, patient).toBe(200)
}

const liveAt = (screens: readonly FaultScreen[], seq: number) =>
  screens.every(({ trust, screen }) => trust === 'live' && screen.position.seq === seq)

test.skipIf(!postgresInstalled())(
  '[P3][LOSS-6] with a cold copy put back under two running nodes, every screen is exact again under a new epoch',
  { timeout: 150_000 },
  async () => {
    const { server, nodes, creator, screens } = await place()
    await send(nodes[0], creator.id, 200)
    await server.backUp()
    await send(nodes[1], creator.id, 100)
    await expect.poll(() => liveAt(screens, 300), patient).toBe(true)
    const epochs = new Set(screens.map(({ screen }) => screen.position.epoch))
    expect(epochs.size).toBe(1)

    await server.restore()
    await expect.poll(() => liveAt(screens, 200), patient).toBe(true)
    await expectExact(nodes, creator.id, screens, epochs)

    // Again, and other events are written before anybody looks.
    await send(nodes[0], creator.id, 50)
    await expect.poll(() => liveAt(screens, 250), patient).toBe(true)
    for (const { screen } of screens) epochs.add(screen.position.epoch)
    await server.restore()
    await send(nodes[1], creator.id, 90)
    await expect.poll(() => liveAt(screens, 290), patient).toBe(true)
    await expectExact(nodes, creator.id, screens, epochs)
  },
)

async function expectExact(
  nodes: readonly TestApp[],
  creatorId: string,
  screens: readonly FaultScreen[],
  before: ReadonlySet<string>,
): Promise<void> {
  for (const node of nodes) {
    const { json } = await node.get(`/api/v1/creators/${creatorId}/live`)
    for (const { screen } of screens) expect(isExact(screen, json.state)).toBe(true)
  }
  for (const { screen } of screens) expect(before.has(screen.position.epoch)).toBe(false)
}
