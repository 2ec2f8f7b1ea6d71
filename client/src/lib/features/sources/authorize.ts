import type { Failure } from '@creatorflow/shared/errors'
import type {
  AuthorizationOutcome,
  authorizeSource,
  Source,
} from '@creatorflow/shared/features/sources'
import { ask } from '#lib/ask.ts'

/** Sends the browser to the service where a person authorizes this server; why not, when it stays. */
export async function authorize(
  source: Pick<Source, 'id' | 'creator_id'>,
): Promise<Failure | null> {
  const result = await ask<typeof authorizeSource>(
    'POST /api/v1/creators/:creator_id/sources/:source_id/authorize',
    { params: { creator_id: source.creator_id, source_id: source.id } },
  )
  if (!result.ok) return result.error
  location.assign(result.value.url)
  return null
}

const words: Readonly<Record<AuthorizationOutcome, string>> = {
  done: 'Authorized. The status below updates after the first check.',
  denied: 'The authorization was canceled. Nothing changed.',
  expired: 'The authorization took longer than 10 minutes. Start it again.',
  not_yours: 'This authorization was started in another browser or by someone else. Start it here.',
  other_account:
    'You authorized a different account. Switch to this source’s account and try again.',
  failed: 'The authorization failed. Try again; the server’s log has the details.',
}

/** How an authorization ended, by what the server wrote into the address; null when none just did. */
export function outcomeOf(
  search: Pick<URLSearchParams, 'get'>,
): { readonly isDone: boolean; readonly text: string } | null {
  const outcome = search.get('authorized')
  if (outcome === null || !Object.hasOwn(words, outcome)) return null
  // Safe: it is one of the keys.
  return { isDone: outcome === 'done', text: words[outcome as AuthorizationOutcome] }
}
