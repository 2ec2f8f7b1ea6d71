import type { Reply } from '@creatorflow/shared/endpoint'
import type {
  answerQuestion,
  getCrowd,
  namePeople,
  Person,
  reopenQuestion,
} from '@creatorflow/shared/features/crowd'
import { SvelteMap } from 'svelte/reactivity'
import { ask, change } from '#lib/ask.ts'

export type CrowdOfLive = Reply<typeof getCrowd>

/** Asked again this often at most, and only when something happened. */
const REFRESH_MS = 3_000
const NAMES_MS = 1_000
/** As the server takes them at once (crowdLimits.people). */
const NAMES_AT_ONCE = 50
const NAMES_KEPT = 1_000

/** The people of one LIVE, and the names of everybody that came up in it. */
export class Crowd {
  value = $state.raw<CrowdOfLive | null>(null)
  failed = $state(false)
  readonly names = new SvelteMap<string, Person>()
  readonly #live: { readonly creator_id: string; readonly session_id: string }
  readonly #wanted = new Set<string>()
  readonly #asked = new Set<string>()
  #lastAt = Number.NEGATIVE_INFINITY
  #due: ReturnType<typeof setTimeout> | undefined
  #naming: ReturnType<typeof setTimeout> | undefined
  #closed = false

  constructor(creatorId: string, sessionId: string) {
    this.#live = { creator_id: creatorId, session_id: sessionId }
  }

  /** Something happened: the lists are asked for soon, once for everything meanwhile. */
  stir(): void {
    if (this.#closed || this.#due !== undefined) return
    const wait = Math.max(0, this.#lastAt + REFRESH_MS - performance.now())
    this.#due = setTimeout(() => void this.#load(), wait)
  }

  /** Asks for the names of those who are not known yet, at most each second. */
  want(ids: Iterable<string>): void {
    for (const id of ids) if (!this.#asked.has(id)) this.#wanted.add(id)
    if (this.#closed || this.#wanted.size === 0 || this.#naming !== undefined) return
    this.#naming = setTimeout(() => void this.#name(), NAMES_MS)
  }

  /** Marks a question, or takes the mark back; what the server knows is shown then. */
  async answer(id: string, answered: boolean): Promise<void> {
    const given = { params: { ...this.#live, comment_id: id } }
    const failure = answered
      ? await change<typeof answerQuestion>(
          'POST /api/v1/creators/:creator_id/lives/:session_id/questions/:comment_id/answer',
          given,
        )
      : await change<typeof reopenQuestion>(
          'DELETE /api/v1/creators/:creator_id/lives/:session_id/questions/:comment_id/answer',
          given,
        )
    this.failed = failure !== null
    await this.#load()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#due)
    clearTimeout(this.#naming)
  }

  async #load(): Promise<void> {
    this.#lastAt = performance.now()
    clearTimeout(this.#due)
    this.#due = undefined
    const result = await ask<typeof getCrowd>(
      'GET /api/v1/creators/:creator_id/lives/:session_id/crowd',
      { params: this.#live, query: { limit: 30 } },
    )
    if (this.#closed) return
    this.failed = !result.ok
    if (result.ok) this.value = result.value
    // A server that did not answer is asked again without anything having to happen.
    else this.stir()
  }

  async #name(): Promise<void> {
    this.#naming = undefined
    const ids = [...this.#wanted].slice(0, NAMES_AT_ONCE)
    for (const id of ids) {
      this.#wanted.delete(id)
      this.#asked.add(id)
    }
    const result = await ask<typeof namePeople>('GET /api/v1/creators/:creator_id/people', {
      params: { creator_id: this.#live.creator_id },
      query: { ids },
    })
    if (this.#closed) return
    if (result.ok) for (const person of result.value.people) this.names.set(person.user_id, person)
    else for (const id of ids) this.#asked.delete(id)
    if (this.#asked.size > NAMES_KEPT) this.#asked.clear()
    for (const [id] of this.names) {
      if (this.names.size <= NAMES_KEPT) break
      this.names.delete(id)
    }
    if (result.ok) this.want([])
  }
}
