import { z } from 'zod'
import type { Bus } from '../../bus/bus.ts'
import type { Log } from '../../core/log.ts'

const change = z.object({
  /** What changed: a key, a sign-in, or a user with all sign-ins. */
  kind: z.enum(['key', 'sign_in', 'user']),
  id: z.string(),
  /** Why whoever used it must leave; null if they are only to be checked again. */
  reason: z.enum(['revoked', 'signed_out']).nullable(),
})
/** Access that has changed. */
export type AccessChange = z.output<typeof change>

export interface AccessChanges extends AsyncDisposable {
  /** Tells every node, this one before it returns. */
  announce(change: AccessChange): Promise<void>
  onChange(listener: (change: AccessChange) => void): () => void
}

const channel = 'access:changed'

/** Carries access changes to every node; a lost message costs time, since nodes check again anyway. */
export async function createAccessChanges(bus: Bus, log: Log): Promise<AccessChanges> {
  const listeners = new Set<(change: AccessChange) => void>()
  const tell = (change: AccessChange) => {
    for (const listener of listeners) listener(change)
  }
  const unsubscribe = await bus.subscribe(channel, (message) => {
    try {
      tell(change.parse(JSON.parse(message)))
    } catch (error) {
      // Another release may say more: its meaning is found at the next check.
      log.warn({ err: error }, 'failed to read an access change')
    }
  })

  return {
    async announce(change) {
      tell(change)
      await bus.publish(channel, JSON.stringify(change))
    },
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async [Symbol.asyncDispose]() {
      await unsubscribe()
      listeners.clear()
    },
  }
}
