import type { Log } from '../core/log.ts'
import type { Telemetry } from '../core/telemetry.ts'
import type { BusListener } from './bus.ts'

export interface BusDeps {
  readonly log: Log
  readonly telemetry: Telemetry
}

/** This process's listeners by channel; the same for every adapter. */
export interface Channels {
  add(channel: string, listener: BusListener): Subscription
  deliver(channel: string, message: string): void
  has(channel: string): boolean
  names(): string[]
  clear(): void
}

export interface Subscription {
  /** Removes the listener; true if it was the last one of its channel. */
  remove(): boolean
}

export function createChannels({ log, telemetry }: BusDeps): Channels {
  // A subscription is its own object, so one function may listen twice.
  const byChannel = new Map<string, Set<{ listener: BusListener }>>()

  return {
    add(channel, listener) {
      const entry = { listener }
      const entries = byChannel.get(channel) ?? new Set()
      entries.add(entry)
      byChannel.set(channel, entries)
      return {
        remove() {
          if (!entries.delete(entry) || entries.size > 0) return false
          if (byChannel.get(channel) === entries) byChannel.delete(channel)
          return true
        },
      }
    },
    deliver(channel, message) {
      // A Set that shrinks during iteration skips removed items: no delivery after unsubscribe.
      for (const { listener } of byChannel.get(channel) ?? []) {
        try {
          telemetry.count('bus_received_total', {})
          listener(message)
        } catch (error) {
          telemetry.count('bus_listener_failures_total', {})
          log.error({ err: error }, 'bus listener failed')
        }
      }
    },
    has: (channel) => byChannel.has(channel),
    names: () => [...byChannel.keys()],
    clear: () => byChannel.clear(),
  }
}
