import type { Redis } from 'ioredis'
import type { Channels } from './channels.ts'

/** The receiving connection: it resubscribes to every channel whenever it reconnects. */
export interface Subscriber {
  /** Whether every channel is in place, as far as known. */
  readonly receiving: boolean
  /** Everything Redis had before this moment is here, `performance.now()` ms. */
  readonly confirmedAt: number
  subscribe(channel: string): Promise<void>
  unsubscribe(channel: string): Promise<void>
  close(): void
}

export interface SubscriberOptions {
  readonly channels: Channels
  readonly prefix: string
  readonly pingIntervalMs: number
  /** `receiving` may have changed. */
  readonly onChange: () => void
  readonly onError: (error: Error) => void
}

export function createSubscriber(redis: Redis, options: SubscriberOptions): Subscriber {
  const { channels, prefix, pingIntervalMs, onChange, onError } = options
  const named = (channel: string) => `${prefix}:${channel}`
  let isOpen = true
  let isInPlace = false
  let confirmedAt = Number.NEGATIVE_INFINITY

  function setInPlace(now: boolean): void {
    isInPlace = now
    onChange()
  }

  /** A new connection subscribes to every channel that has a listener then. */
  function startOver(): void {
    if (isOpen && redis.status === 'ready') redis.disconnect(true)
  }

  async function ask(command: () => Promise<unknown>): Promise<void> {
    if (redis.status !== 'ready') return
    try {
      await command()
    } catch {
      startOver()
    }
  }

  redis.on('message', (name: string, message: string) =>
    channels.deliver(name.slice(prefix.length + 1), message),
  )
  redis.on('close', () => setInPlace(false))
  redis.on('ready', async () => {
    const sentAt = performance.now()
    try {
      await subscribeAll(redis, channels.names().map(named))
      // Answered after everything before it; the proof when there is no channel.
      await redis.ping()
      confirmedAt = sentAt
      setInPlace(true)
    } catch {
      // Some channel is not in place.
      startOver()
    }
  })

  const pinger = setInterval(async () => {
    if (!isInPlace) return
    // Replies and messages share one connection in order: everything Redis had before the ping is here.
    const sentAt = performance.now()
    try {
      await redis.ping()
      confirmedAt = Math.max(confirmedAt, sentAt)
    } catch (error) {
      if (!isOpen || !isInPlace) return
      onError(error instanceof Error ? error : new Error(String(error)))
      setInPlace(false)
      startOver()
    }
  }, pingIntervalMs)

  return {
    get receiving() {
      return isOpen && isInPlace && redis.status === 'ready'
    },
    get confirmedAt() {
      return confirmedAt
    },
    // Repeated for a channel already subscribed: the answer then proves that it is in place.
    subscribe: (channel) => ask(() => redis.subscribe(named(channel))),
    unsubscribe: (channel) => ask(() => redis.unsubscribe(named(channel))),
    close() {
      isOpen = false
      clearInterval(pinger)
      redis.disconnect()
    },
  }
}

/** A command of unbounded length would be a call with unbounded arguments. */
const CHANNELS_A_COMMAND = 1_000

async function subscribeAll(redis: Redis, names: readonly string[]): Promise<void> {
  const batches: Promise<unknown>[] = []
  for (let from = 0; from < names.length; from += CHANNELS_A_COMMAND) {
    batches.push(redis.subscribe(...names.slice(from, from + CHANNELS_A_COMMAND)))
  }
  await Promise.all(batches)
}
