import { Redis, type RedisOptions } from 'ioredis'
import type { Bus } from './bus.ts'
import { type BusDeps, createChannels } from './channels.ts'
import { createSubscriber } from './redis-subscriber.ts'

export interface RedisBusOptions extends BusDeps {
  readonly url: string
  /** Prefix of each channel: installations on one Redis do not receive each other's messages. */
  readonly prefix: string
  /** Time between two proofs that the subscriber connection is alive. */
  readonly pingIntervalMs?: number
  /** Time after which an unanswered command counts as failed. */
  readonly commandTimeoutMs?: number
}

/** Messages that may wait for Redis; past it publishing fails at once. */
const maxPendingPublishes = 1_000

/**
 * The bus of several nodes: one connection publishes, one receives. Redis may be away at the start and at any
 * time; the bus keeps retrying and reports `healthy`.
 */
export function createRedisBus(options: RedisBusOptions): Bus {
  const { log, telemetry, prefix, pingIntervalMs = 400, commandTimeoutMs = 1_000 } = options
  const channels = createChannels(options)
  const healthListeners = new Set<(healthy: boolean) => void>()
  const description = `redis bus at ${new URL(options.url).host}`

  let open = true
  let healthy = false
  let lastError: string | undefined

  const publisher = connect('publisher')
  const publish = createPublish(publisher, prefix)
  const subscriber = createSubscriber(connect('subscriber'), {
    channels,
    prefix,
    pingIntervalMs,
    onChange: updateHealth,
    onError: noteError,
  })
  publisher.on('ready', updateHealth)

  function connect(role: string): Redis {
    const redis = new Redis(options.url, {
      ...connectionOptions,
      commandTimeout: commandTimeoutMs,
      socketTimeout: 2 * commandTimeoutMs,
      connectionName: `creatorflow-${role}`,
    })
    // Without a listener ioredis swallows errors; with a line for each, an unavailable Redis floods the log.
    redis.on('error', noteError)
    redis.on('close', updateHealth)
    return redis
  }

  function noteError(error: Error): void {
    lastError = error.message
  }

  function updateHealth(): void {
    const now = open && subscriber.receiving && publisher.status === 'ready'
    if (now === healthy) return
    healthy = now
    if (open) {
      if (healthy) log.info({ bus: description }, 'the bus is healthy')
      else log.warn({ bus: description, reason: lastError }, 'the bus is not healthy')
    }
    for (const listener of healthListeners) listener(healthy)
  }

  // Logged once here: until Redis answers, health does not change.
  const firstWords = setTimeout(() => {
    if (!healthy) log.warn({ bus: description, reason: lastError }, 'the bus is not healthy')
  }, commandTimeoutMs)
  telemetry.sample('bus_healthy', () => Number(healthy))

  return {
    description,
    get healthy() {
      return healthy
    },
    get confirmedAt() {
      return subscriber.confirmedAt
    },

    async publish(channel, message) {
      const sent = open && (await publish(channel, message))
      telemetry.count('bus_published_total', { outcome: sent ? 'sent' : 'failed' })
      return sent
    },

    async subscribe(channel, listener) {
      const subscription = channels.add(channel, listener)
      await subscriber.subscribe(channel)
      return async () => {
        if (subscription.remove()) await subscriber.unsubscribe(channel)
      }
    },

    onHealth(listener) {
      healthListeners.add(listener)
      return () => void healthListeners.delete(listener)
    },

    async [Symbol.asyncDispose]() {
      open = false
      clearTimeout(firstWords)
      channels.clear()
      subscriber.close()
      updateHealth()
      healthListeners.clear()
      publisher.disconnect()
    },
  }
}

/** Publishes if Redis can take it now; false if it could not. */
function createPublish(publisher: Redis, prefix: string) {
  let pending = 0
  return async (channel: string, message: string): Promise<boolean> => {
    if (publisher.status !== 'ready' || pending >= maxPendingPublishes) return false
    pending += 1
    try {
      await publisher.publish(`${prefix}:${channel}`, message)
      return true
    } catch {
      // Counted by the caller; screens follow from the database meanwhile.
      return false
    } finally {
      pending -= 1
    }
  }
}

const connectionOptions = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  // Resubscribing is done here, so `healthy` can wait for it.
  autoResubscribe: false,
  // 0: running commands fail at once when the connection closes, not after the next attempt.
  maxRetriesPerRequest: 0,
  connectTimeout: 2_000,
  retryStrategy: (attempts: number) => Math.min(50 * attempts, 400) + Math.random() * 100,
} satisfies RedisOptions
