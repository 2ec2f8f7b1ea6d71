import type {
  JobOutcome,
  JobRunShown,
  RecountShown,
  ScheduledJob,
} from '@creatorflow/shared/features/jobs'
import { m } from '#messages'

const outcomes: Readonly<Record<JobOutcome, string>> = {
  running: m.jobs_running(),
  done: m.jobs_done(),
  failed: m.jobs_failed(),
  lost: m.jobs_interrupted_by_crash(),
  stopped: m.jobs_stopped_with_server(),
}

/** How a run ended; of one that goes on, how far it is, where it tells. */
export function outcomeOf({ outcome, progress, attempt }: JobRunShown): string {
  const words = outcomes[outcome]
  if (outcome === 'running' && progress && progress.total > 0) {
    return `${words}, ${Math.floor((100 * progress.done) / progress.total)}%`
  }
  return attempt > 1 ? m.jobs_words_attempt_attempt({ words, attempt }) : words
}

/** How long a run took, in words; null while it goes on. */
export function tookOf({ started_at, ended_at }: JobRunShown, locale?: string): string | null {
  if (ended_at === null) return null
  const s = Math.max(0, Date.parse(ended_at) - Date.parse(started_at)) / 1_000
  const [value, unit] =
    s < 60 ? [s, 'second'] : s < 3_600 ? [s / 60, 'minute'] : [s / 3_600, 'hour']
  const maximumFractionDigits = s < 10 ? 1 : 0
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    maximumFractionDigits,
  }).format(value)
}

/** Whether the last run of a job went wrong. */
export function isTroubled({ runs: [last] }: ScheduledJob): boolean {
  return last?.outcome === 'failed' || last?.outcome === 'lost'
}

/** How a recount of a creator's LIVEs stands, and what to do about one that cannot be done. */
export function recountOf({ state, progress }: RecountShown): string {
  if (state === 'failed') {
    return m.jobs_failed_retried_every_10_minutes()
  }
  if (state === 'waiting') return m.jobs_waiting()
  const percent = progress && progress.total > 0 ? (100 * progress.done) / progress.total : 0
  return m.jobs_recounting_percent({ percent: Math.floor(percent) })
}
