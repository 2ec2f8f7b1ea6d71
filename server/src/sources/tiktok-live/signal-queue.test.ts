import { expect, test } from 'vitest'
import type { Signal } from './connector.ts'
import { createSignalQueue } from './signal-queue.ts'

const messages = (count: number): Signal => ({
  kind: 'messages',
  messages: Array.from({ length: count }, () => ({ type: 'chat', data: {} })),
})

test('[TIKTOK-4] a slow consumer pauses the sender until half is processed, and loses nothing', async () => {
  const held: boolean[] = []
  const queue = createSignalQueue({ most: 1_000, hold: (now) => held.push(now) })
  for (let n = 0; n < 6; n++) queue.push(messages(200))
  expect(held).toEqual([true])
  const reader = queue[Symbol.asyncIterator]()
  // Together, as many as one transaction should have.
  expect((await reader.next()).value).toEqual(messages(400))
  await reader.next()
  expect(held).toEqual([true])
  await reader.next()
  expect(held).toEqual([true, false])
  queue.end()
  queue.push(messages(1))
  expect((await reader.next()).done).toBe(true)
})

test('[TIKTOK-4] waiting messages come in order, whatever the batches', async () => {
  const queue = createSignalQueue({ most: 10, hold: () => {} })
  queue.push(messages(1))
  queue.push({ kind: 'unreadable' })
  queue.push(messages(2))
  queue.push(messages(3))
  queue.push(messages(700))
  queue.end()
  const seen: Signal[] = []
  for await (const signal of queue) seen.push(signal)
  expect(seen).toEqual([messages(1), { kind: 'unreadable' }, messages(5), messages(700)])
})

test('[TIKTOK-4] messages before a failure still arrive, and the first end counts', async () => {
  const queue = createSignalQueue({ most: 10, hold: () => {} })
  queue.push({ kind: 'connected' })
  queue.end(new Error('lost'))
  queue.end()
  const reader = queue[Symbol.asyncIterator]()
  expect((await reader.next()).value).toEqual({ kind: 'connected' })
  await expect(reader.next()).rejects.toThrow('lost')
})

test('[TIKTOK-4] a waiting consumer is woken by a message', async () => {
  const queue = createSignalQueue({ most: 10, hold: () => {} })
  const reader = queue[Symbol.asyncIterator]()
  const next = reader.next()
  queue.push(messages(1))
  expect((await next).value).toEqual(messages(1))
  const last = reader.next()
  queue.end()
  expect((await last).done).toBe(true)
})
