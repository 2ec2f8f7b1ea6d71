import type { Creator } from '@creatorflow/shared/creator'
import { exponentOf } from '@creatorflow/shared/currency'

export interface FirstEvents {
  readonly origin: string
  readonly creator: Pick<Creator, 'id' | 'currency'>
  /** At this machine no key is asked for. */
  readonly needsKey: boolean
  /** Makes the ids new, so that sending them for another LIVE is not a duplicate. */
  readonly suffix: string
}

/** The shell command that starts a LIVE and pays one order in it. */
export function firstEventsCommand({ origin, creator, needsKey, suffix }: FirstEvents): string {
  const session_id = `live-${suffix}`
  const events = [
    { id: session_id, type: 'live_started', creator_id: creator.id, session_id },
    {
      id: `payment-${suffix}`,
      type: 'payment_completed',
      creator_id: creator.id,
      session_id,
      order_id: `order-${suffix}`,
      product_id: 'silk-scarf',
      amount: 25 * 10 ** exponentOf(creator.currency),
      currency: creator.currency,
    },
  ]
  return [
    `curl -X POST ${origin}/api/v1/events`,
    ...(needsKey ? ["-H 'authorization: Bearer cf_live_…'"] : []),
    "-H 'content-type: application/json'",
    `-d '${JSON.stringify(events, null, 2)}'`,
  ].join(' \\\n  ')
}
