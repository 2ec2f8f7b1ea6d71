import type { AlertEpisode } from '@creatorflow/shared/alert-told'
import type { MetricId } from '@creatorflow/shared/metrics'
import { getContext, setContext } from 'svelte'

/** What a page knows about the alerts of its creator. */
export interface HeardAlerts {
  /** Episodes that are on, newest first. */
  readonly open: readonly AlertEpisode[]
  /** Where a rule for a metric is made; null for whoever may not. */
  newRule(metric: MetricId, value: number | null): string | null
}

const key = Symbol('alerts')

export function provideAlerts(alerts: HeardAlerts): void {
  setContext(key, alerts)
}

/** Undefined where nothing subscribes to alerts. */
export function heardAlerts(): HeardAlerts | undefined {
  return getContext<HeardAlerts | undefined>(key)
}

const ranks = { critical: 2, warning: 1, info: 0 } as const

/** The worst alert about a metric of the whole LIVE that is on. */
export function alertOn(
  open: readonly AlertEpisode[],
  metric: MetricId,
  sessionId: string,
): AlertEpisode | undefined {
  return open
    .filter(
      ({ kind, why, subject, session_id }) =>
        kind === 'alert' &&
        'metric' in why &&
        why.metric === metric &&
        subject === '' &&
        session_id === sessionId,
    )
    .reduce<AlertEpisode | undefined>(
      (worst, one) => (worst && ranks[worst.severity] >= ranks[one.severity] ? worst : one),
      undefined,
    )
}

/** Those that wait for somebody. */
export const unanswered = (open: readonly AlertEpisode[]): readonly AlertEpisode[] =>
  open.filter(({ kind, acknowledged_by }) => kind === 'alert' && acknowledged_by === null)
