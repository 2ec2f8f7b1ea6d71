import { randomUUID } from 'node:crypto'
import { describe, expect, onTestFinished, test } from 'vitest'
import { buses } from '../../../scripts/test/backends.ts'
import { silentLog } from '../core/log.ts'
import { createTelemetry } from '../core/telemetry.ts'
import { busContract } from './bus.contract.ts'
import type { Bus } from './bus.ts'
import { createRedisBus } from './redis.ts'
import { createRedisServer, redisServerInstalled } from './test/redis-server.ts'

function connect(url: string, telemetry = createTelemetry(), prefix = 'test'): Bus {
  return createRedisBus({ url, prefix, log: silentLog(), telemetry })
}

async function connected(url: string, prefix?: string): Promise<Bus> {
  const bus = connect(url, createTelemetry(), prefix)
  await expect.poll(() => bus.healthy, { timeout: 5_000, interval: 10 }).toBe(true)
  return bus
}

const shared = buses().find(({ name }) => name === 'redis')?.url

describe.skipIf(!shared)('redis bus', () => {
  busContract(() => connected(shared ?? ''))

  test("[NODE-5] two nodes on one Redis receive each other's messages", async () => {
    await using first = await connected(shared ?? '')
    await using second = await connected(shared ?? '')
    const channel = `two:${randomUUID()}`
    const heard: string[] = []
    await first.subscribe(channel, (message) => heard.push(`first ${message}`))
    await second.subscribe(channel, (message) => heard.push(`second ${message}`))
    await first.publish(channel, 'a')
    await second.publish(channel, 'b')
    await expect.poll(() => heard.length).toBe(4)
    expect(heard.sort()).toEqual(['first a', 'first b', 'second a', 'second b'])
  })
})

test.skipIf(!shared)(
  "[NODE-5] two installations on one Redis do not receive each other's messages",
  async () => {
    await using here = await connected(shared ?? '', 'here')
    await using there = await connected(shared ?? '', 'there')
    const channel = `apart:${randomUUID()}`
    const heard: string[] = []
    await here.subscribe(channel, (message) => heard.push(`here ${message}`))
    await there.subscribe(channel, (message) => heard.push(`there ${message}`))
    await there.publish(channel, 'b')
    await here.publish(channel, 'a')
    await expect.poll(() => heard.toSorted()).toEqual(['here a', 'there b'])
  },
)

describe.skipIf(!redisServerInstalled())('redis bus under faults', () => {
  async function ownServer() {
    const server = await createRedisServer()
    onTestFinished(() => server[Symbol.asyncDispose]())
    return server
  }

  test('[NODE-5] Redis killed and started again: subscribed to everything and healthy within 2 s', async () => {
    const server = await ownServer()
    await server.start()
    await using bus = await connected(server.url)
    const heard: string[] = []
    const health: boolean[] = []
    bus.onHealth((healthy) => health.push(healthy))
    // More than one command of the second connection can name.
    const channels = Array.from({ length: 1_200 }, (_, index) => `channel:${index}`)
    await Promise.all(
      channels.map((channel) => bus.subscribe(channel, (message) => heard.push(message))),
    )

    await server.kill()
    await expect.poll(() => bus.healthy).toBe(false)
    // Changes while Redis is away apply when it is back.
    await bus.subscribe('late', (message) => heard.push(message))
    await server.start()
    await expect.poll(() => bus.healthy, { timeout: 2_000 }).toBe(true)
    for (const channel of [...channels, 'late']) {
      expect(await bus.publish(channel, channel)).toBe(true)
    }
    await expect.poll(() => heard).toEqual([...channels, 'late'])
    expect(health).toEqual([false, true])
  })

  test('[NODE-5] publishing while Redis is down answers false at once and is counted', async () => {
    const server = await ownServer()
    await server.start()
    const telemetry = createTelemetry()
    await using bus = connect(server.url, telemetry)
    await expect.poll(() => bus.healthy).toBe(true)
    await server.kill()
    const results = await Promise.all(['a', 'b', 'c'].map((text) => bus.publish('channel', text)))
    expect(results).toEqual([false, false, false])
    expect(await telemetry.text()).toContain('creatorflow_bus_published_total{outcome="failed"} 3')
  })

  test('[NODE-5] a Redis missing at the start stops nothing and is used once it is there', async () => {
    const server = await ownServer()
    await using bus = connect(server.url)
    const heard: string[] = []
    await bus.subscribe('channel', (message) => heard.push(message))
    expect(await bus.publish('channel', 'nobody')).toBe(false)
    expect(bus.healthy).toBe(false)
    expect(bus.confirmedAt).toBe(Number.NEGATIVE_INFINITY)
    await server.start()
    await expect.poll(() => bus.healthy, { timeout: 2_000 }).toBe(true)
    await bus.publish('channel', 'somebody')
    await expect.poll(() => heard).toEqual(['somebody'])
  })

  test('[NODE-5] a Redis that stops answering is noticed within 2 s, and publishing stays quick', async () => {
    const server = await ownServer()
    await server.start()
    await using bus = await connected(server.url)
    const heard: string[] = []
    await bus.subscribe('channel', (message) => heard.push(message))
    server.freeze()
    const frozenAt = performance.now()
    expect(await bus.publish('channel', 'swallowed')).toBe(false)
    await expect.poll(() => bus.healthy).toBe(false)
    const confirmedAt = bus.confirmedAt
    expect(confirmedAt).toBeLessThanOrEqual(frozenAt)
    server.thaw()
    await expect.poll(() => bus.healthy, { timeout: 3_000 }).toBe(true)
    expect(bus.confirmedAt).toBeGreaterThan(frozenAt)
    await bus.publish('channel', 'after')
    await expect.poll(() => heard.at(-1)).toBe('after')
  })
})
