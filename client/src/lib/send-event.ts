import type { IngestAccount } from '@creatorflow/shared/ingest-account'
import { session } from './session.svelte.ts'

/** Reports one event; null when it counts, else why not. */
export async function sendEvent(event: object): Promise<string | null> {
  // Ingest is no endpoint of the table: it reads streams.
  const result = await session.ask<IngestAccount>({
    method: 'POST',
    path: '/api/v1/events',
    body: [event],
  })
  if (!result.ok) return result.error.message
  return result.value.rejected[0]?.message ?? null
}
