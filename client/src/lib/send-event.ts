import type { IngestAccount } from '@creatorflow/shared/ingest-account'
import { session } from './session.svelte.ts'

/** Sends one event; null if it counts, else why not. */
export async function sendEvent(event: object): Promise<string | null> {
  // Ingest is not in the endpoint table: it reads streams.
  const result = await session.ask<IngestAccount>({
    method: 'POST',
    path: '/api/v1/events',
    body: [event],
  })
  if (!result.ok) return result.error.message
  return result.value.rejected[0]?.message ?? null
}
