import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Bus } from './bus.ts'

/** What every bus guarantees; `open` gives a bus on the same backend each time it is called. */
export function busContract(open: () => Promise<Bus>): void {
  const channelName = () => `contract:${randomUUID()}`

  test('[NODE-5] messages of one channel arrive in the order of publishing', async () => {
    await using bus = await open()
    const channel = channelName()
    const received: string[] = []
    await bus.subscribe(channel, (message) => received.push(message))
    const sent = Array.from({ length: 500 }, (_, index) => String(index))
    const results = await Promise.all(sent.map((message) => bus.publish(channel, message)))
    expect(results.every(Boolean)).toBe(true)
    await expect.poll(() => received.length).toBe(sent.length)
    expect(received).toEqual(sent)
  })

  test('[NODE-5] every listener of a channel gets a message once, and other channels get nothing', async () => {
    await using bus = await open()
    const [channel, other] = [channelName(), channelName()]
    const received: string[] = []
    await bus.subscribe(channel, (message) => received.push(`first ${message}`))
    await bus.subscribe(channel, (message) => received.push(`second ${message}`))
    await bus.subscribe(other, (message) => received.push(`other ${message}`))
    await bus.publish(channel, 'a')
    await bus.publish(other, 'b')
    await expect.poll(() => received.length).toBe(3)
    expect(received.sort()).toEqual(['first a', 'other b', 'second a'])
  })

  test('[NODE-5] nothing is delivered to a listener after it unsubscribed', async () => {
    await using bus = await open()
    const channel = channelName()
    const gone: string[] = []
    const stays: string[] = []
    const unsubscribe = await bus.subscribe(channel, (message) => gone.push(message))
    await bus.subscribe(channel, (message) => stays.push(message))
    await bus.publish(channel, 'before')
    await expect.poll(() => gone).toEqual(['before'])
    const published = bus.publish(channel, 'under way')
    const unsubscribed = unsubscribe()
    await Promise.all([published, unsubscribed])
    await bus.publish(channel, 'after')
    await expect.poll(() => stays).toEqual(['before', 'under way', 'after'])
    expect(gone).toEqual(['before'])
  })

  test('[NODE-5] a channel can be subscribed again after its last listener left', async () => {
    await using bus = await open()
    const channel = channelName()
    const received: string[] = []
    const unsubscribe = await bus.subscribe(channel, () => {})
    const leaving = unsubscribe()
    await bus.subscribe(channel, (message) => received.push(message))
    await leaving
    await unsubscribe()
    await bus.publish(channel, 'again')
    await expect.poll(() => received).toEqual(['again'])
  })

  test('[NODE-5] a listener that throws harms neither the publisher nor other listeners', async () => {
    await using bus = await open()
    const channel = channelName()
    const received: string[] = []
    await bus.subscribe(channel, () => {
      throw new Error('a broken listener')
    })
    await bus.subscribe(channel, (message) => received.push(message))
    expect(await bus.publish(channel, 'a')).toBe(true)
    expect(await bus.publish(channel, 'b')).toBe(true)
    await expect.poll(() => received).toEqual(['a', 'b'])
    expect(bus.healthy).toBe(true)
  })

  test('[NODE-5] a message of 1 MB arrives unchanged, whatever characters it has', async () => {
    await using bus = await open()
    const channel = channelName()
    const message = `${'é🎁\n\0"'.repeat(160_000)}end`
    const received: string[] = []
    await bus.subscribe(channel, (text) => received.push(text))
    expect(await bus.publish(channel, message)).toBe(true)
    await expect.poll(() => received.length).toBe(1)
    expect(received[0] === message).toBe(true)
  })

  test('[NODE-5] a healthy bus keeps proving that it receives', async () => {
    const asked = performance.now()
    await using bus = await open()
    const first = bus.confirmedAt
    expect(first).toBeGreaterThanOrEqual(asked)
    await expect.poll(() => bus.confirmedAt).toBeGreaterThan(first)
    expect(bus.confirmedAt).toBeLessThanOrEqual(performance.now())
  })

  test('[NODE-5] a closed bus delivers nothing and publishes nothing, without throwing', async () => {
    await using other = await open()
    const bus = await open()
    const channel = channelName()
    const received: string[] = []
    await bus.subscribe(channel, (message) => received.push(message))
    await bus[Symbol.asyncDispose]()
    expect(await bus.publish(channel, 'closed')).toBe(false)
    expect(bus.healthy).toBe(false)
    await other.publish(channel, 'from another')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(received).toEqual([])
  })
}
