import type { Database } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import type { PastEpisode } from '@creatorflow/shared/alerts/backtest'
import type { Condition } from '@creatorflow/shared/alerts/condition'
import type { Course, KnownThen } from '@creatorflow/shared/alerts/course'
import type { Rule } from '@creatorflow/shared/alerts/rule'
import { type KnownGoal, paceOf, recordsOf, usualValue } from '@creatorflow/shared/alerts/usual'
import type { Body, Reply } from '@creatorflow/shared/endpoint'
import type { backtestAlertRule } from '@creatorflow/shared/features/alerts'
import type { Baselines } from '../../../baseline/baselines.ts'
import { readGoals, readsOf } from '../engine/shared-reads.ts'
import type { Courses } from './courses.ts'
import type { PastLive, PastLives } from './read.ts'

export interface BacktestDeps {
  readonly database: Database
  readonly baselines: Baselines
  readonly courses: Courses
  readonly pastLives: PastLives
}

/** Longer LIVEs are not measured: it would take minutes. */
const MOST_EVENTS = 500_000

/** A LIVE, and what a rule would have told in it. */
export interface TriedLive {
  readonly live: PastLive
  readonly episodes: readonly PastEpisode[]
  readonly course: Course | undefined
}

/** Tries a rule on the newest LIVEs; a LIVE whose events are gone, or too many, is left out. */
export async function tryRule(
  { database, baselines, courses, pastLives }: BacktestDeps,
  tenant: Tenant,
  rule: Rule,
  limit: number,
): Promise<TriedLive[]> {
  const { condition } = rule
  const lives = await pastLives(tenant, limit)
  const goals = /^(off_pace|insight)$/.test(condition.kind)
    ? (await readGoals(database, [tenant.creatorId])).get(tenant.creatorId)
    : undefined
  const tried: TriedLive[] = []
  for (const live of lives) {
    if (live.events === 0 || live.events > MOST_EVENTS) continue
    const goal = goals?.get(live.session_id) ?? goals?.get('') ?? null
    const known = () => knownOf({ database, baselines }, tenant, live, { condition, goal })
    tried.push({ live, ...(await courses.try(tenant, live, rule, { goal, known })) })
  }
  return tried
}

/** Why a condition cannot be tried on the past; null if it can. */
export function untriable(condition: Condition): string | null {
  if (condition.kind === 'source_down') return 'How sources were connected is not kept.'
  const isTraffic = 'subject' in condition && condition.subject.of === 'traffic_source'
  if (isTraffic) return 'Numbers by traffic source are not kept by minute.'
  if (condition.kind === 'insight' && condition.insight === 'top_gifter')
    return 'Who gave how much is not kept by minute.'
  return null
}

/** What was known beside the log: earlier LIVEs, and today's goal. Only what the condition asks for is read. */
async function knownOf(
  { database, baselines }: Pick<BacktestDeps, 'database' | 'baselines'>,
  tenant: Tenant,
  { session_id }: PastLive,
  { condition, goal }: { readonly condition: Condition; readonly goal: KnownGoal | null },
): Promise<KnownThen> {
  const comparesWithEarlier = /^(unusual|off_pace|insight)$/.test(condition.kind)
  const earlier = comparesWithEarlier
    ? await readsOf(database, baselines, tenant).earlier(session_id)
    : []
  const records = recordsOf(earlier)
  return (now) => ({
    usualOf: (live, metric) => usualValue(earlier, live, metric, now),
    paceOf: (live) => goal && paceOf(earlier, live, goal, now),
    goalOf: (live) => goal && { ...goal, value: live.live.totals[goal.metric] ?? 0 },
    recordsOf: () => records,
    topGifterOf: () => null,
    trafficOf: () => undefined,
    sources: undefined,
  })
}

/** Tries a rule that is not saved, for a page that draws it. */
export async function backtest(
  deps: BacktestDeps,
  tenant: Tenant,
  { rule, lives }: Body<typeof backtestAlertRule>,
): Promise<Reply<typeof backtestAlertRule>> {
  const unavailable = untriable(rule.condition)
  if (unavailable !== null) return { unavailable, episodes: 0, lives: [] }
  const tried = await tryRule(deps, tenant, { ...rule, id: 'preview' }, lives)
  return {
    unavailable: null,
    episodes: tried.reduce((sum, { episodes }) => sum + episodes.length, 0),
    lives: tried.map(({ live, episodes, course }) => ({
      session_id: live.session_id,
      started_at: live.started_at.toISOString(),
      ended_at: live.ended_at.toISOString(),
      imported: live.imported,
      episodes: episodes.slice(0, MOST_SHOWN).map((one) => shown(one, live)),
      curve: course ? curveOf(course, live) : [],
    })),
  }
}
const MOST_SHOWN = 200
const MINUTE_MS = 60_000

const minuteOf = (at: number, { started_at }: PastLive) =>
  Math.floor(at / MINUTE_MS) - Math.floor(started_at.getTime() / MINUTE_MS)

function shown({ subject, fired_at, ended_at, peak, why, ended_why }: PastEpisode, live: PastLive) {
  return {
    subject: subject === '' ? null : subject,
    fired_at: new Date(fired_at).toISOString(),
    ended_at: ended_at === null ? null : new Date(ended_at).toISOString(),
    minute: minuteOf(fired_at, live),
    until_minute: ended_at === null ? null : minuteOf(ended_at, live),
    peak,
    why,
    ended_why,
  }
}

/** The value at the end of each minute, of a rule with one subject. */
function curveOf({ samples }: Course, live: PastLive): { minute: number; value: number | null }[] {
  const [list, ...others] = samples.values()
  if (!list || others.length > 0) return []
  const byMinute = new Map<number, number | null>()
  let minute = Number.NaN
  for (const { at, measured } of list) {
    const next = minuteOf(at, live)
    // It stayed as it was in the minutes between two changes.
    for (let between = minute + 1; between < next; between++) {
      byMinute.set(between, byMinute.get(minute) ?? null)
    }
    byMinute.set(next, measured.value)
    minute = next
  }
  return [...byMinute].map(([at, value]) => ({ minute: at, value }))
}
