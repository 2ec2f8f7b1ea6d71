import { monotonicMs } from '../clock.ts'
import { type Account, createSender, emptyAccount } from '../sender.ts'
import type { Address } from '../server-process.ts'
import { burstBodies, type Paced, type PacedPlan, pacedEvents } from '../simulated.ts'
import { serve } from './child.ts'

let bodies: ReadonlyMap<string, readonly Buffer[][]> = new Map()
let paced: Paced | undefined

const handlers = {
  /** Makes the bodies of all rounds before any clock runs. */
  prepareBurst(plan: Parameters<typeof burstBodies>[0]) {
    bodies = burstBodies(plan)
  },
  /** Sends one round as fast as it is answered: one connection and one request at a time per creator. */
  async burst({ round, ...at }: Address & { round: number }) {
    const sender = createSender(at)
    const account = emptyAccount()
    const cpu = process.cpuUsage()
    const startedAt = monotonicMs()
    await Promise.all(
      [...bodies.values()].map(async (rounds) => {
        for (const body of rounds[round] ?? []) await sender.send(body, account)
      }),
    )
    const endedAt = monotonicMs()
    const { user, system } = process.cpuUsage(cpu)
    sender.close()
    return { startedAt, endedAt, account, cpuSeconds: (user + system) / 1e6 }
  },
  preparePaced(plan: PacedPlan) {
    paced = pacedEvents(plan)
    return { events: paced.lines.length }
  },
  /**
   * Sends each event when due, one request at a time, so the log is in sending order: the n-th accepted event
   * has the n-th seq after the previous one. Events that become due during a request go into the next: their
   * wait counts.
   */
  async play(at: Address) {
    if (!paced) throw new Error('nothing is prepared')
    const { lines, dueMs, startAt } = paced
    const sender = createSender(at)
    const account: Account = emptyAccount()
    const startedAt = startAt === undefined ? monotonicMs() : startAt - Date.now() + monotonicMs()
    const cpu = process.cpuUsage()
    for (let next = 0; next < lines.length; ) {
      const wait = startedAt + (dueMs[next] as number) - monotonicMs()
      if (wait > 0) await new Promise((done) => setTimeout(done, wait))
      const from = next
      const now = monotonicMs() - startedAt
      while (next < lines.length && (dueMs[next] as number) <= now) next++
      // A timer may fire a fraction of a millisecond early.
      if (next > from) await sender.send(Buffer.concat(lines.slice(from, next)), account)
    }
    const { user, system } = process.cpuUsage(cpu)
    sender.close()
    return {
      account,
      due: Float64Array.from(dueMs, (ms) => startedAt + ms),
      seconds: (monotonicMs() - startedAt) / 1000,
      cpuSeconds: (user + system) / 1e6,
    }
  },
}
export type SenderHandlers = typeof handlers
serve(handlers)
