import { expect, test } from 'vitest'
import { silentLog } from '../../core/log.ts'
import { createMemoryWriter } from './memory-writer.ts'
import type { LiveEvent } from './normalise.ts'
import type { WatchMemory } from './watch-state.ts'

const memoryOf = (connects: number): WatchMemory => ({
  live: null,
  paused: false,
  connects: [connects],
  ended: null,
})
const event: LiveEvent = { id: 'x', type: 'live_started', ts: 1 }

/** What is stored, in order; `fails` makes the next delivery fail. */
function standIn() {
  const stored: unknown[] = []
  const state = { fails: false, isOver: false }
  const writer = createMemoryWriter(
    {
      log: silentLog(),
      async deliver(events) {
        if (state.fails) throw new Error('away')
        stored.push(...events.map(({ topic }) => topic))
        return { accepted: events.length, duplicates: 0, rejected: 0 }
      },
      cursor: {
        read: async () => ({}),
        async write({ watch }) {
          stored.push((watch as WatchMemory).connects[0])
        },
      },
    },
    () => state.isOver,
  )
  return { writer, stored, state }
}

test('[TIKTOK-1] what a watch knows is stored after its events, in order', async () => {
  const { writer, stored } = standIn()
  expect([writer.isDue(1_999), writer.isDue(2_000)]).toEqual([false, true])
  writer.write(memoryOf(1), [event], 10_000)
  writer.write(memoryOf(2), [], 10_001)
  expect([writer.isDue(12_000), writer.isDue(12_001)]).toEqual([false, true])
  await writer.end()
  expect(stored).toEqual(['live_started', 1, 2])
})

test('[TIKTOK-1] what could not be stored is due at once, and nothing of it is known', async () => {
  const { writer, stored, state } = standIn()
  state.fails = true
  writer.write(memoryOf(1), [event], 10_000)
  await writer.end()
  expect([stored, writer.isDue(10_001)]).toEqual([[], true])
})

test('[TIKTOK-1] once a watch is over, events are still stored, and its knowledge belongs to the next node', async () => {
  const { writer, stored, state } = standIn()
  state.isOver = true
  writer.write(memoryOf(1), [event], 10_000)
  await writer.end()
  expect(stored).toEqual(['live_started'])
})
