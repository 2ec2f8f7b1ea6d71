import type { Failure } from '@creatorflow/shared/errors'
import type {
  AuthorizationOutcome,
  authorizeSource,
  connectSource,
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

/** The same for a new source, with an app of one's own or that of the server. */
export async function connect(
  creatorId: string,
  kind: string,
  secrets: Readonly<Record<string, string>>,
): Promise<Failure | null> {
  const result = await ask<typeof connectSource>(
    'POST /api/v1/creators/:creator_id/sources/connect',
    {
      params: { creator_id: creatorId },
      body: { kind, ...(Object.keys(secrets).length > 0 && { secrets }) },
    },
  )
  if (!result.ok) return result.error
  location.assign(result.value.url)
  return null
}

const words: Readonly<Record<AuthorizationOutcome, string>> = {
  done: m.sources_authorized_status_below_updates(),
  connected: m.sources_connected_first_orders_soon(),
  choose: m.sources_choose_what_to_connect(),
  denied: m.sources_authorization_was_canceled_nothing(),
  expired: m.sources_authorization_took_longer_than_10(),
  not_yours: m.sources_this_authorization_was_started_in(),
  other_account: m.sources_you_authorized_different_account(),
  no_account: m.sources_authorized_no_account(),
  taken: m.sources_authorized_taken(),
  too_many: m.sources_authorized_too_many(),
  refused: m.sources_authorization_refused(),
  unreachable: m.sources_authorization_unreachable(),
  failed: m.sources_authorization_failed_try_again(),
}

/** How an authorization ended, by what the server wrote into the address; null when none just did. */
export function outcomeOf(
  search: Pick<URLSearchParams, 'get'>,
): { readonly isDone: boolean; readonly isChoice: boolean; readonly text: string } | null {
  const outcome = search.get('authorized')
  if (outcome === null || !Object.hasOwn(words, outcome)) return null
  // Safe: it is one of the keys.
  const known = outcome as AuthorizationOutcome
  return {
    isDone: known === 'done' || known === 'connected',
    isChoice: known === 'choose',
    text: words[known],
  }
}
