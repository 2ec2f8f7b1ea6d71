import type { Creator } from '@creatorflow/shared/creator'
import type { BodyInput, Method, Reply } from '@creatorflow/shared/endpoint'
import type { Failure, Result } from '@creatorflow/shared/errors'
import type { me, signIn } from '@creatorflow/shared/features/access'
import type { createCreator, listCreators } from '@creatorflow/shared/features/creators'
import type { startDemo } from '@creatorflow/shared/features/demo'
import { call } from './api.ts'
import { remember, remembered } from './remembered.ts'

/** Who is asking, and what they may do. */
export type Who = Reply<typeof me>

export type SessionState =
  | { readonly status: 'loading' }
  | { readonly status: 'signed_out' }
  | { readonly status: 'failed'; readonly error: Failure }
  | {
      readonly status: 'ready'
      readonly creators: readonly Creator[]
      readonly who: Who
      /** At this machine, so that nothing needs a sign-in. */
      readonly localOwner: boolean
      /** May add creators and start demos. */
      readonly owner: boolean
    }

/** Every page of the list. */
async function allCreators(): Promise<Result<readonly Creator[]>> {
  const creators: Creator[] = []
  let from = ''
  for (;;) {
    const page = await call<Reply<typeof listCreators>>('GET', `/api/v1/creators${from}`)
    if (!page.ok) return page
    creators.push(...page.value.creators)
    if (page.value.cursor === null) return { ok: true, value: creators }
    from = `?cursor=${encodeURIComponent(page.value.cursor)}`
  }
}

class Session {
  state = $state.raw<SessionState>({ status: 'loading' })

  readonly ready = $derived(this.state.status === 'ready' ? this.state : null)

  /** Who asks and what they may see. */
  async load(): Promise<void> {
    const [who, list] = await Promise.all([
      call<Reply<typeof me>>('GET', '/api/v1/me'),
      allCreators(),
    ])
    if (!who.ok || !list.ok) {
      const error = !who.ok ? who.error : !list.ok ? list.error : null
      if (error) this.#failed(error)
      return
    }
    this.state = {
      status: 'ready',
      creators: list.value,
      who: who.value,
      localOwner: who.value.local_owner,
      owner: who.value.owner,
    }
  }

  /** As `call`, for what only somebody signed in may ask: when the sign-in has ended, the page asks for a new one. */
  async ask<T>(method: Method, path: string, body?: unknown): Promise<Result<T>> {
    const result = await call<T>(method, path, body)
    if (!result.ok && result.error.code === 'unauthorized') this.signedOut()
    return result
  }

  /** Null when it went well, else why not. */
  async change(method: Method, path: string, body?: unknown): Promise<Failure | null> {
    const result = await this.ask(method, path, body)
    return result.ok ? null : result.error
  }

  /** Null when it went well, else why not: `code_required` asks for the same with a code. */
  async signIn(credentials: BodyInput<typeof signIn>): Promise<Failure | null> {
    const result = await call('POST', '/api/v1/sign-in', credentials)
    if (!result.ok) return result.error
    await this.load()
    return null
  }

  async signOut(): Promise<Failure | null> {
    const result = await call('DELETE', '/api/v1/sign-in')
    if (!result.ok) return result.error
    this.signedOut()
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
