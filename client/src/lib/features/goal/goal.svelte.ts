import type { BodyInput } from '@creatorflow/shared/endpoint'
import type { Failure } from '@creatorflow/shared/errors'
import type { Goal, getGoal, removeGoal, setGoal } from '@creatorflow/shared/features/goals'
import { ask, change } from '#lib/ask.ts'

/** Another screen may have changed it. */
const REFRESH_MS = 30_000

/** What the LIVE on screen is meant to reach. */
export class GoalOfLive {
  /** Null when there is none, undefined until it is known. */
  value = $state.raw<Goal | null | undefined>(undefined)
  #params = { creator_id: '' }
  #sessionId = ''
  #asked = 0

  /** Asks now and again; the answer is what to do when it is over. */
  follow(creatorId: string, sessionId: string): () => void {
    this.#params = { creator_id: creatorId }
    this.#sessionId = sessionId
    this.value = undefined
    void this.#load()
    const timer = setInterval(() => void this.#load(), REFRESH_MS)
    return () => {
      clearInterval(timer)
      this.#asked++
    }
  }

  /** Null when it went well, else why not. */
  async set(goal: BodyInput<typeof setGoal>): Promise<Failure | null> {
    return this.#then(
      await change<typeof setGoal>('POST /api/v1/creators/:creator_id/goal', {
        params: this.#params,
        body: goal,
      }),
    )
  }

  /** Removes the goal that is shown: the one of this LIVE alone, or the one of every LIVE. */
  async remove(): Promise<Failure | null> {
    return this.#then(
      await change<typeof removeGoal>('DELETE /api/v1/creators/:creator_id/goal', {
        params: this.#params,
        query: { session_id: this.value?.session_id ?? undefined },
      }),
    )
  }

  async #then(failure: Failure | null): Promise<Failure | null> {
    if (!failure) await this.#load()
    return failure
  }

  async #load(): Promise<void> {
    const asked = ++this.#asked
    const result = await ask<typeof getGoal>('GET /api/v1/creators/:creator_id/goal', {
      params: this.#params,
      query: { session_id: this.#sessionId },
    })
    // A newer question is on its way; and what is known stays when the server does not answer.
    if (asked !== this.#asked || !result.ok) return
    this.value = result.value.goal
  }
}
