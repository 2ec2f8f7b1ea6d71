import { z } from 'zod'
import type { WatchMemory } from './watch-state.ts'

const time = z.number()
const room = z.object({
  id: z.string(),
  startedAt: time.exactOptional(),
  title: z.string().exactOptional(),
  hostId: z.string().exactOptional(),
})
const memory: z.ZodType<WatchMemory> = z.object({
  live: z.object({ room, signAt: time, receivedAt: time, lostAt: time.nullable() }).nullable(),
  paused: z.boolean(),
  connects: z.array(time),
  ended: z.object({ roomId: z.string(), at: time }).nullable(),
})

/** What the previous watch left; undefined if nothing is readable. */
export function readMemory(cursor: Readonly<Record<string, unknown>>): WatchMemory | undefined {
  return memory.safeParse(cursor.watch).data
}
