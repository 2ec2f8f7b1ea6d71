import { setTimeout as delay } from 'node:timers/promises'
import { post, type Reply } from './harness.ts'

/** A caller that sends until it gets 2xx, with the same ids; the log is compared with its ledger. */
export interface Sender {
  /** Amounts by id, of events acknowledged with 2xx. */
  readonly ledger: ReadonlyMap<string, number>
  /** Tries that ended without a 2xx. */
  readonly failedTries: number
  /** Events that a retry found already stored. */
  readonly duplicates: number
  /** Answers other than 2xx, 503 and 507: there must be none. */
  readonly surprises: readonly string[]
  /** Answers that reported a full disk. */
  readonly fullDisks: number
  /** Ends at once, whatever is still unanswered. */
  abandon(): Promise<void>
  /** Stops sending new events, and resolves when everything sent has its 2xx. */
  stop(): Promise<void>
}

export interface SenderOptions {
  readonly key: string
  /** The server's current address; undefined while there is none. */
  readonly port: () => number | undefined
  readonly lanes?: number
  readonly eventsPerRequest?: number
}

export function startSender({
  key,
  port,
  lanes = 4,
  eventsPerRequest = 20,
}: SenderOptions): Sender {
  const ledger = new Map<string, number>()
  const surprises: string[] = []
  let failedTries = 0
  let duplicates = 0
  let fullDisks = 0
  let stopping = false
  let abandoned = false
  let sent = 0

  const running = Array.from({ length: lanes }, async () => {
    while (!stopping) await deliver(makeEvents())
  })

  function makeEvents() {
    return Array.from({ length: eventsPerRequest }, () => {
      const n = ++sent
      return {
        id: `paid-${n}`,
        type: 'payment_completed',
        session_id: 'live',
        amount: (n * 7_919) % 10_007,
        order_id: `order-${n}`,
      }
    })
  }

  async function deliver(events: ReturnType<typeof makeEvents>): Promise<void> {
    while (!abandoned) {
      const reply = await attempt(events)
      if (reply?.status === 200) {
        const { accepted, duplicates: known, rejected, conflicts } = reply.json
        duplicates += known
        if (rejected.length > 0 || conflicts.length > 0 || accepted + known !== events.length) {
          surprises.push(reply.text)
        }
        for (const { id, amount } of events) ledger.set(id, amount)
        return
      }
      if (reply && reply.status !== 503 && reply.status !== 507)
        surprises.push(`${reply.status} ${reply.text}`)
      failedTries++
      if (reply?.status === 507) fullDisks++
      await delay(20)
    }
  }

  async function attempt(events: unknown): Promise<Reply | undefined> {
    const now = port()
    if (now === undefined) return undefined
    // A broken connection says nothing about what was stored: the same events are sent again.
    return post(now, events, { key }).catch(() => undefined)
  }

  return {
    ledger,
    surprises,
    get failedTries() {
      return failedTries
    },
    get duplicates() {
      return duplicates
    },
    get fullDisks() {
      return fullDisks
    },
    async abandon() {
      stopping = true
      abandoned = true
      await Promise.all(running)
    },
    async stop() {
      stopping = true
      await Promise.all(running)
    },
  }
}
