import type { Failure } from '@creatorflow/shared/errors'
import type { Request } from './request.ts'
import { session } from './session.svelte.ts'

export type ResourceState<T> =
  | { readonly status: 'loading' }
  | { readonly status: 'ready'; readonly value: T }
  | { readonly status: 'failed'; readonly error: Failure }

/** One answer of the server as a page shows it; reloading keeps the old value until the new one arrives. */
export class Resource<T> {
  state = $state.raw<ResourceState<T>>({ status: 'loading' })
  readonly #request: Request<T>

  constructor(request: Request<T>) {
    this.#request = request
    void this.load()
  }

  /** The value, once loaded. */
  get value(): T | undefined {
    return this.state.status === 'ready' ? this.state.value : undefined
  }

  /** Why the last refresh failed; null if it succeeded. */
  stale = $state.raw<Failure | null>(null)

  /** Like `load`, but keeps the current value on failure: frequent refreshes must not lose the page. */
  async refresh(): Promise<void> {
    if (this.state.status !== 'ready') return this.load()
    const result = await session.ask(this.#request)
    this.stale = result.ok ? null : result.error
    if (result.ok) this.state = { status: 'ready', value: result.value }
  }

  async load(): Promise<void> {
    if (this.state.status === 'failed') this.state = { status: 'loading' }
    const result = await session.ask(this.#request)
    this.state = result.ok
      ? { status: 'ready', value: result.value }
      : { status: 'failed', error: result.error }
  }
}
