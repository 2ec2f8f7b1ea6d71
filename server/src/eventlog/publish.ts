import type { Tenant } from '@creatorflow/db/tenant'
import type { Bus } from '../bus/bus.ts'

/** What a batch added to one creator's log: numbered rows as the tail holds them. */
export interface Appended {
  readonly creator_id: string
  readonly epoch: string
  readonly from: number
  readonly to: number
  /** The events as JSON texts, in order. */
  readonly events: readonly string[]
}

/** One message after a commit. Without `events` it only wakes: the reader fetches them from the tail. */
export interface LogMessage {
  readonly epoch: string
  readonly from: number
  readonly to: number
  readonly events?: readonly unknown[]
}

/** The only place where channel names are built. */
export const channelOf = (creatorId: string): string => `creatorflow:log:${creatorId}`

/** Wakes every node that follows these creators. Lost messages are found by polling the database. */
export async function publish(
  bus: Bus,
  appended: readonly Appended[],
  { headsOnly, maxMessageBytes }: { headsOnly: boolean; maxMessageBytes: number },
): Promise<void> {
  await Promise.all(
    appended.map(({ creator_id, epoch, from, to, events }) => {
      const head = `{"epoch":${JSON.stringify(epoch)},"from":${from},"to":${to}`
      const whole = headsOnly ? '' : `${head},"events":[${events.join(',')}]}`
      const fits = whole !== '' && Buffer.byteLength(whole) <= maxMessageBytes
      return bus.publish(channelOf(creator_id), fits ? whole : `${head}}`)
    }),
  )
}

/** Wakes followers of a creator whose generation was raised: with an unknown epoch, so they ask. */
export async function announceEpoch(bus: Bus, { creatorId }: Tenant): Promise<void> {
  await bus.publish(channelOf(creatorId), JSON.stringify({ epoch: '', from: 1, to: 0 }))
}
