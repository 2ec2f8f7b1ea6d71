import type { Failure } from '@creatorflow/shared/errors'
import { session } from '#lib/session.svelte.ts'
import { idFor, otherIdFor, randomPart } from './defaults.ts'

export interface WantedCreator {
  readonly name: string
  readonly time_zone: string
  readonly currency: string
  readonly locale: string
  /** Chosen by hand; empty for most, who never need one. */
  readonly ownId?: string
}

/** Adds a creator; nobody who did not choose an id is asked to choose another one. */
export async function createNamed({
  ownId = '',
  ...wanted
}: WantedCreator): Promise<{ readonly id: string } | { readonly error: Failure }> {
  const id = ownId || idFor(wanted.name, randomPart())
  const error = await session.create({ ...wanted, id })
  if (!error) return { id }
  if (ownId !== '' || !['conflict', 'invalid_input'].includes(error.code)) return { error }
  const other = otherIdFor(wanted.name, randomPart())
  const second = await session.create({ ...wanted, id: other })
  return second ? { error: second } : { id: other }
}
