import { type SimulatedEvent, streamLive } from '@creatorflow/shared/simulator/simulate-live'
import { createSender, emptyAccount } from '../sender.ts'
import type { Address } from '../server-process.ts'

const HOUR_MS = 3_600_000
const BODY_EVENTS = 500
/**
 * A page's last minutes are by its own clock: an accelerated LIVE that reached them would fill them only at
 * its end.
 */
const WINDOW_MS = HOUR_MS

/** Events are sent when due, or as fast as possible; a rejected one ends the run. */
export interface Lives {
  /** A LIVE from then until now that continues; `tick` sends its next events. */
  begin(creatorId: string, hours: number): Promise<void>
  /** The next events of the running LIVE, as if they happened now. */
  tick(count: number): Promise<void>
  /** A LIVE of so many hours that ended an hour ago, as fast as the server takes it; reports each full hour. */
  accelerated(
    creatorId: string,
    hours: number,
    rate: number,
    eachHour: (hour: number) => Promise<void>,
  ): Promise<number>
  close(): void
}

/** Simulated LIVEs through the endpoint at `address`. */
export function createLives(address: Address): Lives {
  const sender = createSender(address)
  let next: Iterator<SimulatedEvent> | undefined
  let held: SimulatedEvent | undefined

  async function send(events: readonly object[]): Promise<void> {
    if (events.length === 0) return
    const account = emptyAccount()
    const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('')
    await sender.send(Buffer.from(lines), account)
    if (account.rejected > 0) throw new Error(`an event was refused: ${account.firstReject}`)
  }

  const streamOf = (
    creatorId: string,
    sessionId: string,
    course: { startAt: number; durationMs: number; rate: number },
  ) =>
    streamLive({
      seed: sessionId,
      creatorId,
      sessionId,
      ...course,
      currency: 'USD',
      timeZone: 'UTC',
      aftermath: false,
    }).events

  return {
    async begin(creatorId, hours) {
      const now = Date.now()
      const startAt = now - hours * HOUR_MS
      const durationMs = (hours + 8) * HOUR_MS
      const stream = streamOf(creatorId, 'steady', { startAt, durationMs, rate: 0.3 })
      let body: SimulatedEvent[] = []
      for (const event of { [Symbol.iterator]: () => ({ next: () => stream.next() }) }) {
        if (event.ts > now) {
          held = event
          break
        }
        body.push(event)
        if (body.length === BODY_EVENTS) {
          await send(body)
          body = []
        }
      }
      await send(body)
      next = stream
    },
    async tick(count) {
      const events: SimulatedEvent[] = []
      while (events.length < count) {
        const event = held ?? next?.next().value
        held = undefined
        if (!event) throw new Error('no LIVE goes on')
        // Neither may end or stop the LIVE being watched.
        if (/^live_/.test(event.type)) continue
        events.push({ ...event, ts: Date.now() })
      }
      await send(events)
    },
    async accelerated(creatorId, hours, rate, eachHour) {
      const durationMs = hours * HOUR_MS
      const startAt = Date.now() - durationMs - WINDOW_MS
      let sent = 0
      let hour = 1
      let body: SimulatedEvent[] = []
      for (const event of streamOf(creatorId, 'long', { startAt, durationMs, rate })) {
        const isOver = event.ts >= startAt + hour * HOUR_MS
        if (isOver || body.length === BODY_EVENTS) {
          await send(body)
          sent += body.length
          body = []
        }
        if (isOver) await eachHour(hour++)
        body.push(event)
      }
      await send(body)
      return sent + body.length
    },
    close: () => sender.close(),
  }
}
