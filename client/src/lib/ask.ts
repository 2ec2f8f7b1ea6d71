import type { Endpoint, Reply } from '@creatorflow/shared/endpoint'
import type { Failure, Result } from '@creatorflow/shared/errors'
import { type Args, type At, request } from './request.ts'
import { session } from './session.svelte.ts'

/** Calls an endpoint that needs a sign-in; if the sign-in has ended, the page asks for a new one. */
export function ask<E extends Endpoint>(at: At<E>, ...given: Args<E>): Promise<Result<Reply<E>>> {
  return session.ask(request<E>(at, ...given))
}

/** The same if only the outcome matters: null on success, else why not. */
export async function change<E extends Endpoint>(
  at: At<E>,
  ...given: Args<E>
): Promise<Failure | null> {
  const result = await ask<E>(at, ...given)
  return result.ok ? null : result.error
}
