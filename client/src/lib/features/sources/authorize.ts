import type { Failure } from '@creatorflow/shared/errors'
import type {
  AuthorizationOutcome,
  authorizeSource,
  Source,
} from '@creatorflow/shared/features/sources'
import { ask } from '#lib/ask.ts'
import { m } from '#messages'

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
  done: m.sources_authorized_status_below_updates(),
  denied: m.sources_authorization_was_canceled_nothing(),
  expired: m.sources_authorization_took_longer_than_10(),
  not_yours: m.sources_this_authorization_was_started_in(),
  other_account: m.sources_you_authorized_different_account(),
  failed: m.sources_authorization_failed_try_again(),
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
