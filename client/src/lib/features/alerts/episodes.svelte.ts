import type { Failure } from '@creatorflow/shared/errors'
import type {
  acknowledgeAlert,
  Episode,
  listAlertEpisodes,
} from '@creatorflow/shared/features/alerts'
import { ask } from '#lib/ask.ts'

export interface EpisodeFilter {
  readonly rule_id?: string | undefined
  readonly session_id?: string | undefined
  readonly kind?: 'alert' | 'insight' | undefined
}

const PAGE = 50

/** What fired: what is on, and the history page by page. */
export class EpisodeList {
  /** Null until the first answer. */
  open = $state.raw<readonly Episode[] | null>(null)
  past = $state.raw<readonly Episode[]>([])
  failure = $state.raw<Failure | null>(null)
  cursor = $state.raw<string | null>(null)

  readonly #params: { readonly creator_id: string }
  readonly #filter: EpisodeFilter

  constructor(creatorId: string, filter: EpisodeFilter) {
    this.#params = { creator_id: creatorId }
    this.#filter = filter
    void this.refresh()
  }

  /** What is on, and the first page of what is over; pages that were added stay. */
  async refresh(): Promise<void> {
    const [open, past] = await Promise.all([this.#page('true'), this.#page('false')])
    this.failure = !open.ok ? open.error : !past.ok ? past.error : null
    if (!open.ok || !past.ok) return
    this.open = open.value.episodes
    const fresh = past.value.episodes
    const known = new Set(fresh.map(({ id }) => id))
    const isFirst = this.past.length <= PAGE
    this.past = isFirst ? fresh : [...fresh, ...this.past.filter(({ id }) => !known.has(id))]
    if (isFirst) this.cursor = past.value.next_cursor
  }

  async more(): Promise<void> {
    const older = await this.#page('false', this.cursor ?? undefined)
    this.failure = older.ok ? null : older.error
    if (!older.ok) return
    this.past = [...this.past, ...older.value.episodes]
    this.cursor = older.value.next_cursor
  }

  async acknowledge(id: string): Promise<void> {
    const done = await acknowledged(this.#params.creator_id, id)
    this.failure = done.ok ? null : done.error
    if (!done.ok) return
    const { episode } = done.value
    const replaced = (one: Episode) => (one.id === id ? episode : one)
    this.open = this.open?.map(replaced) ?? null
    this.past = this.past.map(replaced)
  }

  #page(open: 'true' | 'false', cursor?: string) {
    return ask<typeof listAlertEpisodes>('GET /api/v1/creators/:creator_id/alerts/episodes', {
      params: this.#params,
      query: { ...this.#filter, open, cursor, limit: PAGE },
    })
  }
}

export const acknowledged = (creator_id: string, episode_id: string) =>
  ask<typeof acknowledgeAlert>(
    'POST /api/v1/creators/:creator_id/alerts/episodes/:episode_id/acknowledge',
    { params: { creator_id, episode_id } },
  )
