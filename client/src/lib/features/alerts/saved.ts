import type { BodyInput } from '@creatorflow/shared/endpoint'
import type { addAlertRule } from '@creatorflow/shared/features/alerts'
import { metricOf } from '@creatorflow/shared/metrics'
import type { Convention } from '#lib/format.ts'
import { m } from '#messages'
import { type Comparison, conditionOf, type Draft, isSpecial, type Special } from './draft.ts'

export type RuleBody = BodyInput<typeof addAlertRule>

/** What is saved of a draft without problems. */
export function bodyOf(draft: Draft, convention: Pick<Convention, 'currency'>): RuleBody {
  const seconds = (minutes: number | null) => Math.round((minutes ?? 0) * 60)
  return {
    name: draft.name.trim() || nameOf(draft),
    words: draft.words.trim() || null,
    severity: draft.severity,
    condition: conditionOf(draft, convention),
    for_seconds: seconds(draft.forMinutes),
    keep_firing_seconds: seconds(draft.keepMinutes),
    cooldown_seconds: seconds(draft.cooldownMinutes),
    minimum_sample: draft.sample ?? 0,
    only_live: draft.onlyLive,
    quiet_hours: draft.quiet ? { from: draft.quietFrom, to: draft.quietTo } : null,
    on_screen: draft.onScreen,
    targets: draft.targets,
  }
}

/** A name for who enters none. It has no amount, which streamer mode could not hide. */
export function nameOf({ what, comparison }: Pick<Draft, 'what' | 'comparison'>): string {
  return isSpecial(what) ? specialNames[what] : named[comparison](metricOf(what).name)
}

const specialNames: Readonly<Record<Special, string>> = {
  source_down: m.alerts_source_disconnected(),
  oversold: m.alerts_named_oversold(),
  runs_out: m.alerts_named_runs_out(),
  pin_without_click: m.alerts_named_no_click(),
  off_pace: m.alerts_named_off_pace(),
}

const named: Readonly<Record<Comparison, (metric: string) => string>> = {
  below: (metric) => m.alerts_too_low({ metric }),
  above: (metric) => m.alerts_too_high({ metric }),
  outside: (metric) => m.alerts_out_of_range({ metric }),
  falls: (metric) => m.alerts_falling({ metric }),
  rises: (metric) => m.alerts_rising({ metric }),
  unusual: (metric) => m.alerts_named_unusual({ metric }),
  no_data: (metric) => m.alerts_nothing_arrives({ metric }),
}
