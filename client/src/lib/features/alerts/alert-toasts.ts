import type { Severity } from '@creatorflow/shared/alert-reason'
import type { AlertEpisode, AlertNews } from '@creatorflow/shared/alert-told'
import { MINUTE_MS } from '@creatorflow/shared/live-state'
import { type ToastInput, toastLimits } from '#lib/toasts/queue.ts'
import type { Word } from '#lib/toasts/words.ts'
import { m } from '#messages'
import { isDefault, shownName } from './default-names.ts'
import type { Hushed } from './quiet.ts'

/** What a toast says of an episode. */
export type Told = Pick<
  AlertEpisode & AlertNews,
  'episode_id' | 'rule_id' | 'session_id' | 'severity' | 'name' | 'words' | 'why' | 'fired_at'
>

/** Alerts that came together. */
export interface Burst {
  readonly key: string
  /** When the last of them came. */
  readonly at: number
  readonly members: readonly Told[]
}

/** Adds an alert to the burst that goes on, or begins one. */
export function gather(burst: Burst | null, told: Told, now: number): Burst {
  const goesOn = burst !== null && now - burst.at <= toastLimits.burstMs
  if (!goesOn) return { key: `alerts ${told.episode_id}`, at: now, members: [told] }
  const others = burst.members.filter(({ episode_id }) => episode_id !== told.episode_id)
  return { ...burst, at: now, members: [...others, told] }
}

const ranks = { info: 0, warning: 1, critical: 2 } as const
/** A name in a list of names: what is left out is counted. */
const MOST_NAMES = 4

/** One toast for alerts that came together: the worst of them says how urgent it is. */
export function firedToast({ key, members }: Burst, answers?: ToastInput['answers']): ToastInput {
  const severity = members.reduce<Severity>(
    (worst, one) => (ranks[one.severity] > ranks[worst] ? one.severity : worst),
    'info',
  )
  return {
    key,
    priority: severity === 'info' ? 'notice' : severity,
    ...saidOf(members, m.alerts_count_alerts),
    icon: severity === 'info' ? 'bell' : 'triangle-alert',
    ...(severity === 'critical' && { stays: true }),
    ...(answers && { answers }),
    why: members[0]?.fired_at ?? 0,
  }
}

/** One toast for alerts that are over. */
export function recoveredToast({ key, members }: Burst): ToastInput {
  const [first] = members
  const said =
    first && members.length === 1
      ? {
          title: [m.alerts_recovered({ name: shownName(first.name) })],
          text: [{ reason: first.why }],
        }
      : saidOf(members, m.alerts_count_recovered)
  return { key: `over ${key}`, priority: 'notice', icon: 'check', ...said }
}

/** `goal` is what the LIVE's goal is called. Counts of orders are one toast, which says the last of them. */
export function insightToast(
  { episode_id, session_id, name, why, fired_at }: Told,
  goal?: string,
): ToastInput {
  const toast = {
    key: `insight ${episode_id}`,
    priority: 'milestone',
    title: [shownName(name)],
    text: [{ reason: why }],
    why: fired_at,
  } as const
  if (why.kind !== 'insight') return toast
  const { insight, value } = why
  switch (insight) {
    case 'first_order':
      return { ...toast, key: `orders ${session_id}` }
    case 'orders': {
      const counted: ToastInput = { ...toast, key: `orders ${session_id}` }
      if (!isDefault(name)) return counted
      const title: Word = (shown) => m.alerts_orders({ count: shown({ count: value ?? 0 }) })
      return { ...counted, title: [title], text: [m.alerts_in_this_live()] }
    }
    case 'goal_reached':
      return goal === undefined ? toast : { ...toast, text: [goal] }
    case 'record_minute': {
      // It fires right after the minute ends.
      const minute = Math.floor(fired_at / MINUTE_MS) * MINUTE_MS - MINUTE_MS
      const text: Word = (shown) =>
        m.alerts_money_at_time({
          money: shown({ money: value ?? 0 }),
          time: shown({ clock: minute }),
        })
      return { ...toast, text: [text], why: minute }
    }
    default:
      return toast
  }
}

/** Insights that came together, in the order in which they are told: of counts of orders the greatest is the last. */
export const inOrder = (insights: readonly AlertNews[]): readonly AlertNews[] =>
  insights.toSorted((a, b) => reachedBy(a) - reachedBy(b))

const reachedBy = ({ why }: AlertNews): number =>
  why.kind === 'insight' && why.insight === 'orders' ? (why.value ?? 0) : 0

function saidOf(
  members: readonly Told[],
  title: typeof m.alerts_count_alerts,
): Pick<ToastInput, 'title' | 'text'> {
  const [first] = members
  if (first && members.length === 1) {
    const { why } = first
    const name = shownName(first.name)
    const words = first.words && shownName(first.words)
    if (!words) return { title: [name], text: [{ reason: why }] }
    return {
      title: [name],
      text: [(shown) => m.alerts_reason_and_words({ reason: shown({ reason: why }), words })],
    }
  }
  const names = members.slice(0, MOST_NAMES).map(({ name }) => shownName(name))
  const more = members.length - names.length
  return {
    title: [title({ count: members.length })],
    text: [
      more > 0 ? m.alerts_and_more({ names: names.join(', '), count: more }) : names.join(', '),
    ],
  }
}

/** The rule that a toast can silence; null for all of them, where several told something. */
export function ruleIn({ members }: Burst): Hushed {
  const [first, ...others] = members
  return first && others.every(({ rule_id }) => rule_id === first.rule_id)
    ? { id: first.rule_id, name: shownName(first.name) }
    : null
}

/** Whether anybody still has to look at one of them. */
export const isWaiting = ({ members }: Burst, open: readonly AlertEpisode[]): boolean =>
  members.some(({ episode_id }) =>
    open.some((one) => one.episode_id === episode_id && one.acknowledged_by === null),
  )
