import type { TenantReads } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import { episodesIn, type PastEpisode } from '@creatorflow/shared/alerts/backtest'
import type { Condition, ConditionOf } from '@creatorflow/shared/alerts/condition'
import {
  type Course,
  createCourse,
  createReplay,
  type KnownThen,
} from '@creatorflow/shared/alerts/course'
import { evaluate, type Held } from '@creatorflow/shared/alerts/evaluate'
import { kindOf, type LastingCondition } from '@creatorflow/shared/alerts/kinds'
import type { Rule } from '@creatorflow/shared/alerts/rule'
import { keyOf } from '@creatorflow/shared/alerts/subject'
import type { View } from '@creatorflow/shared/alerts/view'
import { LRUCache } from 'lru-cache'
import { type PastLive, readSeen } from './read.ts'

/** What a rule would have told in LIVEs of the past. */
export interface Courses {
  /** The episodes of a rule in one LIVE, and what it measured; that is undefined for an insight. */
  try(tenant: Tenant, live: PastLive, rule: Rule, beside: Beside): Promise<Tried>
}

/** What is not in the log. */
export interface Beside {
  /** Another goal measures something else. */
  readonly goal: object | null
  /** Read only for measuring. */
  readonly known: () => Promise<KnownThen>
}

export interface Tried {
  readonly episodes: readonly PastEpisode[]
  readonly course: Course | undefined
}

/** About 40 MB. */
const MOST_SAMPLES = 200_000

/**
 * Measures LIVEs one after the other, so that no number of callers takes the process for itself, and keeps what was
 * measured: trying another threshold on it reads nothing.
 */
export function createCourses(database: TenantReads): Courses {
  const kept = new LRUCache<string, Course>({
    maxSize: MOST_SAMPLES,
    sizeCalculation: ({ samples }) =>
      1 + [...samples.values()].reduce((sum, list) => sum + list.length, 0),
  })
  let turn: Promise<unknown> = Promise.resolve()

  async function replay(
    tenant: Tenant,
    live: PastLive,
    known: KnownThen,
    look: (view: View) => void,
  ): Promise<void> {
    const again = createReplay(known, live.time_zone, look)
    for await (const events of readSeen(database, tenant, live)) again.take(events)
    again.finish()
  }

  /** After everyone who asked before. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = turn.then(work)
    turn = mine.catch(() => {})
    return mine
  }

  return {
    async try(tenant, live, rule, { goal, known }) {
      const { condition } = rule
      if (isInsight(condition)) {
        const moments: PastEpisode[] = []
        await inTurn(async () => replay(tenant, live, await known(), noteMoments(rule, moments)))
        return { episodes: moments, course: undefined }
      }
      const key = JSON.stringify([
        tenant.creatorId,
        live.session_id,
        live.version,
        condition.kind,
        kindOf(condition).measuredBy(condition),
        goal,
      ])
      let course = kept.get(key)
      if (!course) {
        course = await inTurn(
          async () => kept.get(key) ?? (await measure(tenant, live, condition, await known())),
        )
        kept.set(key, course)
      }
      return { episodes: episodesIn(rule, condition, course), course }
    },
  }

  async function measure(
    tenant: Tenant,
    live: PastLive,
    condition: LastingCondition,
    known: KnownThen,
  ): Promise<Course> {
    const course = createCourse(condition)
    await replay(tenant, live, known, course.look)
    const { samples, gone, until } = course
    return { samples, gone, until }
  }
}

const isInsight = (condition: Condition): condition is ConditionOf<'insight'> =>
  condition.kind === 'insight'

/** Looks for an insight and notes its moments. */
function noteMoments(rule: Rule, moments: PastEpisode[]): (view: View) => void {
  const held = new Map<string, Held>()
  return (view) => {
    for (const { held: next, transition, about } of evaluate(rule, view, held)) {
      held.set(keyOf(next), next)
      if (!transition) continue
      const { at, peak, why } = transition
      const { session_id } = next
      const over = { ended_at: at, ended_why: null }
      moments.push({ session_id, subject: about ?? '', fired_at: at, peak, why, ...over })
    }
  }
}
