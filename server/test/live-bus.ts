import type { Random } from '@creatorflow/shared/simulator/random'
import type { Bus } from '../src/bus/bus.ts'
import { createInProcessBus } from '../src/bus/in-process.ts'
import { silentLog } from '../src/core/log.ts'
import { createTelemetry } from '../src/core/telemetry.ts'

export interface Faults {
  /** Shares of messages, 0–1. */
  lose: number
  double: number
  /** Held back until after the next message. */
  delay: number
}

/** A bus that loses, repeats and reorders messages, as the faults say at that moment. */
export function createFaultyBus(random: Random, faults: Faults): Bus {
  const bus = createInProcessBus({ log: silentLog(), telemetry: createTelemetry() })
  const delayed: (readonly [string, string])[] = []
  return {
    get description() {
      return 'faulty bus'
    },
    get healthy() {
      return bus.healthy
    },
    get confirmedAt() {
      return bus.confirmedAt
    },
    subscribe: bus.subscribe,
    onHealth: bus.onHealth,
    async publish(channel, message) {
      // As with Redis, the sender takes a lost message for sent.
      if (random.chance(faults.lose)) return true
      if (random.chance(faults.delay)) {
        delayed.push([channel, message])
        return true
      }
      await bus.publish(channel, message)
      if (random.chance(faults.double)) await bus.publish(channel, message)
      for (const late of delayed.splice(0)) await bus.publish(...late)
      return true
    },
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  }
}
