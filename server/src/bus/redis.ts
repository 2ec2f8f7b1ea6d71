import { Redis, type RedisOptions } from 'ioredis'
import type { Bus } from './bus.ts'
import { type BusDeps, createChannels } from './channels.ts'

export interface RedisBusOptions extends BusDeps {
  readonly url: string
  /** Goes before each channel: installations on one Redis do not hear each other. */
  readonly prefix: string
  /** Time between two proofs that the subscriber connection is alive. */
  readonly pingIntervalMs?: number
  /** Time after which an unanswered command has failed. */
  readonly commandTimeoutMs?: number
}

/** Messages that may wait for Redis to take them; past it publishing fails at once. */
const maxPendingPublishes = 1_000

/**
 * The bus of several nodes: one connection publishes, one receives. Redis may be away at the start and
 * at any time; the bus keeps trying and says so by `healthy`.
 */
export function createRedisBus(options: RedisBusOptions): Bus {
  const { log, telemetry, prefix, pingIntervalMs = 400, commandTimeoutMs = 1_000 } = options
  const channels = createChannels(options)
  const healthListeners = new Set<(healthy: boolean) => void>()
  const description = `redis bus at ${new URL(options.url).host}`

  let open = true
  let receiving = false
  let healthy = false
  let confirmedAt = Number.NEGATIVE_INFINITY
  let pendingPublishes = 0
  let lastError: string | undefined

  const publisher = connect('publisher')
  const subscriber = connect('subscriber')

  function connect(role: string): Redis {
    const redis = new Redis(options.url, {
      ...connectionOptions,
      commandTimeout: commandTimeoutMs,
      socketTimeout: 2 * commandTimeoutMs,
      connectionName: `creatorflow-${role}`,
    })
    // Without a listener ioredis swallows errors; with a line for each, a Redis that is away floods the log.
    redis.on('error', (error: Error) => {
      lastError = error.message
    })
    redis.on('close', updateHealth)
    return redis
  }

  function updateHealth() {
    const now = open && receiving && subscriber.status === 'ready' && publisher.status === 'ready'
    if (now === healthy) return
    healthy = now
    if (open) {
      if (healthy) log.info({ bus: description }, 'bus is healthy')
      else log.warn({ bus: description, reason: lastError }, 'bus is not healthy')
    }
    for (const listener of healthListeners) listener(healthy)
  }

  publisher.on('ready', updateHealth)
  const named = (channel: string) => `${prefix}:${channel}`
  subscriber.on('message', (name: string, message: string) =>
    channels.deliver(name.slice(prefix.length + 1), message),
  )
  subscriber.on('close', () => {
    receiving = false
    updateHealth()
  })
  subscriber.on('ready', async () => {
    const sentAt = performance.now()
    try {
      await subscribeAll(channels.names().map(named))
      // Answered after everything before it, and the proof when there is no channel.
      await subscriber.ping()
      receiving = true
      confirmedAt = sentAt
      updateHealth()
    } catch {
      // Not every channel is in place.
      startOver()
    }
  })

  const pinger = setInterval(async () => {
    if (!receiving) return
    // Replies and messages share one connection in order: what Redis had before the ping was sent is here.
    const sentAt = performance.now()
    try {
      await subscriber.ping()
      confirmedAt = Math.max(confirmedAt, sentAt)
    } catch (error) {
      if (!open || !receiving) return
      lastError = error instanceof Error ? error.message : String(error)
      receiving = false
      updateHealth()
      startOver()
    }
  }, pingIntervalMs)

  // Said once here: until Redis answers there is no change of health that would say it.
  const firstWords = setTimeout(() => {
    if (!healthy) log.warn({ bus: description, reason: lastError }, 'bus is not healthy')
  }, commandTimeoutMs)
  telemetry.sample('bus_healthy', () => Number(healthy))

  return {
    description,
    get healthy() {
      return healthy
    },
    get confirmedAt() {
      return confirmedAt
    },

    async publish(channel, message) {
      const sent = await send(channel, message)
      telemetry.count('bus_published_total', { outcome: sent ? 'sent' : 'failed' })
      return sent
    },

    async subscribe(channel, listener) {
      const subscription = channels.add(channel, listener)
      // Asked again for a channel that is there already: then the answer proves that it is in place.
      await ask(() => subscriber.subscribe(named(channel)))
      return async () => {
        if (subscription.remove()) await ask(() => subscriber.unsubscribe(named(channel)))
      }
    },

    onHealth(listener) {
      healthListeners.add(listener)
      return () => void healthListeners.delete(listener)
    },

    async [Symbol.asyncDispose]() {
      open = false
      receiving = false
      clearInterval(pinger)
      clearTimeout(firstWords)
      channels.clear()
      updateHealth()
      healthListeners.clear()
      publisher.disconnect()
      subscriber.disconnect()
    },
  }

  async function subscribeAll(names: string[]): Promise<void> {
    const batches: Promise<unknown>[] = []
    // A command of unbounded length would be a function call of unbounded arguments.
    for (let from = 0; from < names.length; from += 1_000) {
      batches.push(subscriber.subscribe(...names.slice(from, from + 1_000)))
    }
    await Promise.all(batches)
  }

  async function send(channel: string, message: string): Promise<boolean> {
    if (!open || publisher.status !== 'ready' || pendingPublishes >= maxPendingPublishes)
      return false
    pendingPublishes += 1
    try {
      await publisher.publish(named(channel), message)
      return true
    } catch {
      // Counted by the caller; screens follow from the database meanwhile.
      return false
    } finally {
      pendingPublishes -= 1
    }
  }

  async function ask(command: () => Promise<unknown>): Promise<void> {
    if (subscriber.status !== 'ready') return
    try {
      await command()
    } catch {
      startOver()
    }
  }

  /** A new connection subscribes to every channel that then has a listener. */
  function startOver() {
    if (open && subscriber.status === 'ready') subscriber.disconnect(true)
  }
}

const connectionOptions = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  // Subscribing again is done here, so that `healthy` can wait for it.
  autoResubscribe: false,
  // 0: what was under way when the connection closed fails at once instead of after the next attempt.
  maxRetriesPerRequest: 0,
  connectTimeout: 2_000,
  retryStrategy: (attempts: number) => Math.min(50 * attempts, 400) + Math.random() * 100,
} satisfies RedisOptions
