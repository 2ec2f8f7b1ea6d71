import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from '@creatorflow/shared/simulator/random'
import { post, type Reply } from '../harness.ts'

/** The LIVE that every event names. */
export const SESSION = 'live'

/** What a 2xx acknowledged, by id: the truth that everything else is compared with. */
export type Ledger = Map<string, { readonly amount: number }>

/** A caller that sends until it gets 2xx, with the same ids; chance decides sizes, pauses and repeats. */
export interface FaultSender {
  readonly ledger: Ledger
  /** How many events had their 2xx, and since when, `performance.now()`. */
  readonly acks: readonly { readonly at: number; readonly count: number }[]
  readonly failedTries: number
  /** Answers other than a 2xx with a full account or a 503: there must be none. */
  readonly surprises: readonly string[]
  /** Stops sending new events, and resolves when everything sent has its 2xx. */
  stop(): Promise<void>
}

export interface FaultSenderOptions {
  readonly key: string
  /** What each lane decides by. */
  readonly randomOf: (lane: number) => Random
  /** Prefix of every id, so several senders can feed one creator. */
  readonly prefix: string
  /** A server that may answer now; undefined while there is none. */
  readonly port: () => number | undefined
}

/** Starts the LIVE, and resolves with what was acknowledged. */
export async function startLive({
  key,
  port,
}: Pick<FaultSenderOptions, 'key' | 'port'>): Promise<Ledger> {
  const start = { id: 'start', type: 'live_started', session_id: SESSION }
  for (;;) {
    const now = port()
    const reply = now === undefined ? undefined : await post(now, [start], { key })
    if (reply?.status === 200) return new Map([[start.id, { amount: 0 }]])
    await delay(30)
  }
}

const LANES = 3
const types = ['product_click', 'comment', 'share', 'viewer_joined'] as const

export function startFaultSender(options: FaultSenderOptions): FaultSender {
  const { key, randomOf, prefix, port } = options
  const ledger: Ledger = new Map()
  const acks: { at: number; count: number }[] = []
  const surprises: string[] = []
  const known: Event[] = []
  let failedTries = 0
  let sent = 0
  let stopping = false

  const running = Array.from({ length: LANES }, async (_, lane) => {
    const random = randomOf(lane)
    while (!stopping) {
      await deliver(nextBatch(random))
      await delay(random.between(10, 60))
    }
  })

  function nextBatch(random: Random): Event[] {
    const batch = Array.from({ length: random.between(1, 20) }, () => nextEvent(random))
    // A repeated id: within the batch, and from an acknowledged one.
    if (random.chance(0.3)) batch.push(random.pick(batch))
    if (known.length > 0 && random.chance(0.3)) batch.push(random.pick(known))
    return batch
  }

  function nextEvent(random: Random) {
    const n = ++sent
    const of = { session_id: SESSION, user_id: `user-${n % 40}`, product_id: `product-${n % 12}` }
    if (random.chance(0.4)) return { ...of, id: `${prefix}-${n}`, type: random.pick(types) }
    const amount = random.between(1, 99_999)
    const order = { order_id: `order-${prefix}-${n}`, currency: 'USD', amount }
    return { ...of, ...order, id: `${prefix}-${n}`, type: 'payment_completed' as const }
  }
  type Event = ReturnType<typeof nextEvent>

  async function deliver(events: readonly Event[]): Promise<void> {
    for (;;) {
      const reply = await attempt(events)
      if (reply?.status === 200) return acknowledged(events, reply)
      if (reply && reply.status !== 503) surprises.push(`${reply.status} ${reply.text}`)
      failedTries++
      await delay(30)
    }
  }

  async function attempt(events: readonly Event[]): Promise<Reply | undefined> {
    const now = port()
    if (now === undefined) return undefined
    // A broken connection says nothing about what was stored: the same events are sent again.
    return post(now, events, { key }).catch(() => undefined)
  }

  function acknowledged(events: readonly Event[], { json, text }: Reply): void {
    const { accepted, duplicates, rejected, conflicts } = json
    const isWhole = accepted + duplicates === events.length
    if (!isWhole || rejected.length > 0 || conflicts.length > 0) surprises.push(text)
    for (const event of events) {
      ledger.set(event.id, { amount: 'amount' in event ? event.amount : 0 })
      known.push(event)
    }
    known.splice(0, known.length - 200)
    acks.push({ at: performance.now(), count: ledger.size })
  }

  return {
    ledger,
    acks,
    surprises,
    get failedTries() {
      return failedTries
    },
    async stop() {
      stopping = true
      await Promise.all(running)
    },
  }
}
