import type { Creator } from '@creatorflow/shared/creator'
import type { BodyInput, Reply } from '@creatorflow/shared/endpoint'
import type { Failure } from '@creatorflow/shared/errors'
import type { me, signIn } from '@creatorflow/shared/features/access'
import type { createCreator, listCreators } from '@creatorflow/shared/features/creators'
import type { startDemo } from '@creatorflow/shared/features/demo'
import { call } from './api.ts'
import { remember, remembered } from './remembered.ts'

export type SessionState =
  | { readonly status: 'loading' }
  | { readonly status: 'signed_out' }
  | { readonly status: 'failed'; readonly error: Failure }
  | {
      readonly status: 'ready'
      readonly creators: readonly Creator[]
      /** At this machine, so that nothing needs a sign-in. */
      readonly localOwner: boolean
      /** May add creators and start demos. */
      readonly owner: boolean
    }

class Session {
  state = $state.raw<SessionState>({ status: 'loading' })

  /** Who asks and what they may see. */
  async load(): Promise<void> {
    const [who, list] = await Promise.all([
      call<Reply<typeof me>>('GET', '/api/v1/me'),
      call<Reply<typeof listCreators>>('GET', '/api/v1/creators'),
    ])
    if (!who.ok || !list.ok) {
      const error = !who.ok ? who.error : !list.ok ? list.error : null
      if (error) this.#failed(error)
      return
    }
    this.state = {
      status: 'ready',
      creators: list.value.creators,
      localOwner: who.value.local_owner,
      owner: who.value.owner,
    }
  }

  /** Null when it went well, else why not; `code_required` asks for all of it again, with a code. */
  async signIn(given: BodyInput<typeof signIn>): Promise<Failure | null> {
    const result = await call('POST', '/api/v1/sign-in', given)
    if (!result.ok) return result.error
    await this.load()
    return null
  }

  signedOut(): void {
    this.state = { status: 'signed_out' }
  }

  /** Null when it went well, else why not; the caller shows the new creator, then loads again. */
  async create(creator: BodyInput<typeof createCreator>): Promise<Failure | null> {
    const result = await call('POST', '/api/v1/creators', creator)
    if (!result.ok) return result.error
    remember('creator', creator.id)
    return null
  }

  /** The demo creator's id, or why there is none; the caller shows it, then loads again. */
  async startDemo(): Promise<{ creatorId: string } | { error: Failure }> {
    const result = await call<Reply<typeof startDemo>>('POST', '/api/v1/demo')
    if (!result.ok) return { error: result.error }
    return { creatorId: result.value.creator_id }
  }

  async deleteDemo(): Promise<Failure | null> {
    const result = await call('DELETE', '/api/v1/demo')
    if (!result.ok) return result.error
    await this.load()
    return null
  }

  /** The creator that was looked at last, when it is still there. */
  lastCreator(creators: readonly Creator[]): Creator | undefined {
    const id = remembered('creator')
    return creators.find((creator) => creator.id === id)
  }

  #failed(error: Failure): void {
    this.state =
      error.code === 'unauthorized' ? { status: 'signed_out' } : { status: 'failed', error }
  }
}

export const session = new Session()
