import { setTimeout as delay } from 'node:timers/promises'
import { monotonicMs } from '../clock.ts'
import { percentile } from '../figures.ts'
import { openScreen } from '../processes/screen.ts'

/** A well-behaved screen and sender, next to the hostile ones. */
export interface Healthy extends AsyncDisposable {
  /** Resolves once so many events were shown since the last `take`, or after a minute. */
  shows(events: number): Promise<void>
  /** Ms from each event to the screen since the last call, and what went wrong. */
  take(): { readonly events: number; readonly p99Ms: number | null; readonly failed: number }
}

const EVERY_MS = 50
const PATIENCE_MS = 10_000
/** Longest wait for events to be shown, on however busy a machine. */
const SHOWN_PATIENCE_MS = 60_000

/** Sends an event every 50 ms and waits until the screen shows it. Numbers start with an empty log. */
export async function startHealthy(at: {
  readonly url: string
  readonly creator: string
  readonly key: string
}): Promise<Healthy> {
  const screen = await openScreen(at.url, at.creator, at.key)
  const waits: number[] = []
  const sentAt: number[] = []
  let failed = 0
  let isOver = false

  const sending = (async () => {
    for (let n = 0; !isOver; n++) {
      sentAt.push(monotonicMs())
      const answer = await fetch(`${at.url}/api/v1/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${at.key}` },
        body: JSON.stringify({ id: `healthy-${n}`, type: 'like', creator_id: at.creator }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      }).catch(() => undefined)
      const account = answer?.ok ? ((await answer.json()) as { accepted: number }) : undefined
      if (account?.accepted !== 1) failed++
      await delay(EVERY_MS)
    }
  })()

  function arrived(): void {
    const { arrivals } = screen.seen
    for (let i = 0; i < arrivals.length; i += 2) {
      const [to, when] = [arrivals[i] as number, arrivals[i + 1] as number]
      // One event per number, in the order of sending.
      for (; shown < to && shown < sentAt.length; shown++) {
        waits.push(when - (sentAt[shown] as number))
      }
    }
    arrivals.length = 0
  }
  let shown = 0

  return {
    async shows(events) {
      for (let waitedMs = 0; waitedMs < SHOWN_PATIENCE_MS; waitedMs += EVERY_MS) {
        arrived()
        if (waits.length >= events) return
        await delay(EVERY_MS)
      }
    },
    take() {
      arrived()
      const events = waits.length
      const p99Ms = percentile(waits.splice(0), 0.99)
      const result = { events, p99Ms, failed: failed + (screen.seen.closed ? 1 : 0) }
      failed = 0
      return result
    },
    async [Symbol.asyncDispose]() {
      isOver = true
      await sending
      screen.socket.close()
    },
  }
}
