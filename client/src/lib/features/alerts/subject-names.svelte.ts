import type { Episode } from '@creatorflow/shared/features/alerts'
import type { getLive } from '@creatorflow/shared/features/live'
import { ask } from '#lib/ask.ts'
import { type Named, subjectName } from './episode-words.ts'

/** More LIVEs than a page of the history is of are not asked for. */
const MOST_LIVES = 10

/** What products are called in the LIVEs in which something was told of them; asked for once. */
export class SubjectNames {
  #lives = $state.raw<Readonly<Record<string, Named>>>({})
  readonly #asked = new Set<string>()
  readonly #creatorId: string

  constructor(creatorId: string) {
    this.#creatorId = creatorId
  }

  /** Asks for the LIVEs of episodes that are about a part of one. */
  learn(episodes: readonly Episode[]): void {
    for (const { session_id, subject } of episodes) {
      if (!session_id || subject === null || this.#asked.size >= MOST_LIVES) continue
      if (!this.#asked.has(session_id)) void this.#ask(session_id)
    }
  }

  /** The name of the product or of the pinned one; else what the subject is called by its source. */
  of({ session_id, subject }: Pick<Episode, 'session_id' | 'subject'>): string | null {
    const live = session_id === null ? undefined : this.#lives[session_id]
    return subject === null || !live ? subject : subjectName(live, subject)
  }

  async #ask(session_id: string): Promise<void> {
    this.#asked.add(session_id)
    const answer = await ask<typeof getLive>('GET /api/v1/creators/:creator_id/lives/:session_id', {
      params: { creator_id: this.#creatorId, session_id },
    })
    // Without names there are still IDs.
    if (answer.ok) this.#lives = { ...this.#lives, [session_id]: answer.value.live }
  }
}
