import { createHash } from 'node:crypto'
import { monotonicMs } from '../clock.ts'
import type { Address } from '../server-process.ts'
import { serve } from './child.ts'
import { openScreen, payloadOf, type Screen } from './screen.ts'

/** One message as the first screen of a process got it: enough for another server to send the same. */
export interface RecordedMessage {
  readonly atMs: number
  readonly event: 'update' | 'head'
  readonly payload: unknown
  readonly bytes: number
}

let screens: Screen[] = []
let recordedSince = 0
let bytesBefore: number[] = []
let recorded: RecordedMessage[] = []

const handlers = {
  /** Opens screens at once; resolves when each has its answer. Times are `monotonicMs`. */
  async open({ url, key, creatorId, count }: Address & { creatorId: string; count: number }) {
    const startedAt = monotonicMs()
    const opening = Array.from({ length: count }, () => openScreen(url, creatorId, key))
    const settled = await Promise.allSettled(opening)
    screens = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const refused = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    if (refused.length > 0) {
      closeAll()
      throw new Error(`${refused.length} of ${count} screens were not let in: ${refused[0]}`)
    }
    return {
      startedAt,
      repliedAt: screens.map((screen) => screen.repliedAt),
      /** Snapshots without their sending time: equal ones count as one. */
      digests: [...new Set(screens.map(({ reply }) => digestOf(reply)))],
      reply: screens[0]?.reply.toString() ?? '',
    }
  },
  /** Resets everything received so far. */
  record() {
    recordedSince = monotonicMs()
    recorded = []
    bytesBefore = screens.map(({ socket }) => socket.bytesRead)
    screens.forEach(({ seen }, index) => {
      Object.assign(seen, { updates: 0, heads: 0, others: 0, messageBytes: 0, holes: 0 })
      seen.arrivals = []
      seen.onMessage = index === 0 ? keep : undefined
    })
  },
  /** What came since `record`. */
  report() {
    const sum = (pick: (screen: Screen) => number) =>
      screens.reduce((total, screen) => total + pick(screen), 0)
    return {
      screens: screens.length,
      updates: sum(({ seen }) => seen.updates),
      heads: sum(({ seen }) => seen.heads),
      others: sum(({ seen }) => seen.others),
      holes: sum(({ seen }) => seen.holes),
      closed: sum(({ seen }) => (seen.closed ? 1 : 0)),
      messageBytes: sum(({ seen }) => seen.messageBytes),
      bytes: screens.reduce(
        (total, { socket }, index) => total + socket.bytesRead - (bytesBefore[index] ?? 0),
        0,
      ),
      leastTo: Math.min(...screens.map(({ seen }) => seen.to)),
      arrivals: screens.map(({ seen }) => Float64Array.from(seen.arrivals)),
      recorded,
    }
  },
  close: closeAll,
}
export type ScreensHandlers = typeof handlers
serve(handlers)

function keep(event: 'update' | 'head', message: Buffer): void {
  const atMs = monotonicMs() - recordedSince
  recorded.push({ atMs, event, payload: payloadOf(message), bytes: message.length })
}

function closeAll(): void {
  for (const { socket } of screens) socket.close()
  screens = []
}

function digestOf(reply: Buffer): string {
  const at = reply.indexOf('"snapshot":')
  return createHash('sha256')
    .update(at < 0 ? reply : reply.subarray(at))
    .digest('hex')
}
