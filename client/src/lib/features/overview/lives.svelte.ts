import type { Failure } from '@creatorflow/shared/errors'
import type { OverviewLive } from '@creatorflow/shared/features/overview'
import type { Recounting } from '@creatorflow/shared/recounting'
import { overviewOf } from '#lib/past/addresses.ts'
import { session } from '#lib/session.svelte.ts'

/** The LIVEs of a creator, as many pages of them as were asked for. */
export class Lives {
  /** Null until the first page is there. */
  list = $state.raw<readonly OverviewLive[] | null>(null)
  failure = $state.raw<Failure | null>(null)
  loading = $state(false)
  /** Null when there are no more. */
  cursor = $state.raw<string | null>(null)
  /** Said by any page: the list may be a mix until it is loaded again. */
  recounting = $state.raw<Recounting | null>(null)
  readonly #creatorId: string

  constructor(creatorId: string) {
    this.#creatorId = creatorId
    void this.more()
  }

  async more(): Promise<void> {
    if (this.loading) return
    this.loading = true
    const result = await session.ask(overviewOf(this.#creatorId, this.cursor ?? undefined))
    this.loading = false
    this.failure = result.ok ? null : result.error
    if (!result.ok) return
    const held = this.list ?? []
    const known = new Set(held.map(({ session_id }) => session_id))
    this.list = [...held, ...result.value.lives.filter(({ session_id }) => !known.has(session_id))]
    this.cursor = result.value.cursor
    this.recounting = result.value.recounting ?? this.recounting
  }
}
