import type { Bus } from './bus.ts'
import { type BusDeps, createChannels } from './channels.ts'

/** The bus of a standalone server: same behavior, no Redis. */
export function createInProcessBus(deps: BusDeps): Bus {
  const channels = createChannels(deps)
  let open = true
  deps.telemetry.sample('bus_healthy', () => Number(open))

  return {
    description: 'in-process bus',
    get healthy() {
      return open
    },
    get confirmedAt() {
      return performance.now()
    },
    async publish(channel, message) {
      if (!open) return false
      // As with Redis, a listener never runs inside the publisher's call.
      queueMicrotask(() => channels.deliver(channel, message))
      deps.telemetry.count('bus_published_total', { outcome: 'sent' })
      return true
    },
    async subscribe(channel, listener) {
      const subscription = channels.add(channel, listener)
      return async () => void subscription.remove()
    },
    onHealth: () => () => {},
    async [Symbol.asyncDispose]() {
      open = false
      channels.clear()
    },
  }
}
