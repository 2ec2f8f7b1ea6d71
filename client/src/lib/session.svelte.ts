import type { Creator } from '@creatorflow/shared/creator'
import type { BodyInput, Reply } from '@creatorflow/shared/endpoint'
import type { Failure, Result } from '@creatorflow/shared/errors'
import type { me, signIn, signOut } from '@creatorflow/shared/features/access'
import type { createCreator, listCreators } from '@creatorflow/shared/features/creators'
import type { deleteDemo, startDemo } from '@creatorflow/shared/features/demo'
import { call } from './api.ts'
import { remember, remembered } from './remembered.ts'
import { type Request, request } from './request.ts'

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
      /** At this machine, so nothing needs a sign-in. */
      readonly localOwner: boolean
      /** May add creators and start demos. */
      readonly owner: boolean
    }

/** Every page of the list. */
async function allCreators(): Promise<Result<readonly Creator[]>> {
  const creators: Creator[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await call(
      request<typeof listCreators>('GET /api/v1/creators', { query: { cursor } }),
    )
    if (!page.ok) return page
    creators.push(...page.value.creators)
    if (page.value.cursor === null) return { ok: true, value: creators }
    cursor = page.value.cursor
  }
}

class Session {
  state = $state.raw<SessionState>({ status: 'loading' })

  readonly ready = $derived(this.state.status === 'ready' ? this.state : null)

  /** Who is asking and what they may see. */
  async load(): Promise<void> {
    const [who, list] = await Promise.all([
      call(request<typeof me>('GET /api/v1/me')),
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

  /** Like `call`, for endpoints that need a sign-in: if it has ended, the page asks for a new one. */
  async ask<R>(asked: Request<R>): Promise<Result<R>> {
    const result = await call(asked)
    if (!result.ok && result.error.code === 'unauthorized') this.signedOut()
    return result
  }

  /** Null on success, else why not: `code_required` asks for the same with a code. */
  async signIn(credentials: BodyInput<typeof signIn>): Promise<Failure | null> {
    const result = await call(request<typeof signIn>('POST /api/v1/sign-in', { body: credentials }))
    if (!result.ok) return result.error
    await this.load()
    return null
  }

  async signOut(): Promise<Failure | null> {
    const result = await call(request<typeof signOut>('DELETE /api/v1/sign-in'))
    if (!result.ok) return result.error
    this.signedOut()
    return null
  }

  signedOut(): void {
    this.state = { status: 'signed_out' }
  }

  /** Null on success, else why not; the caller shows the new creator, then reloads. */
  async create(creator: BodyInput<typeof createCreator>): Promise<Failure | null> {
    const result = await call(
      request<typeof createCreator>('POST /api/v1/creators', { body: creator }),
    )
    if (!result.ok) return result.error
    remember('creator', creator.id)
    return null
  }

  /** The demo creator's id, or why there is none; the caller shows it, then reloads. */
  async startDemo(): Promise<{ creatorId: string } | { error: Failure }> {
    const result = await call(request<typeof startDemo>('POST /api/v1/demo'))
    if (!result.ok) return { error: result.error }
    return { creatorId: result.value.creator_id }
  }

  async deleteDemo(): Promise<Failure | null> {
    const result = await call(request<typeof deleteDemo>('DELETE /api/v1/demo'))
    if (!result.ok) return result.error
    await this.load()
    return null
  }

  /** The last viewed creator, if it still exists. */
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
