import type { MetricId } from './metrics.ts'

/** What is worth telling once, without being a problem. */
export const insightKinds = [
  'first_order',
  'orders',
  'goal_reached',
  'record_minute',
  'record_viewers',
  'viewer_surge',
  'best_product',
  'top_gifter',
  'sell_out',
] as const
export type InsightKind = (typeof insightKinds)[number]

export const severities = ['info', 'warning', 'critical'] as const
export type Severity = (typeof severities)[number]

/** Why a rule says what it says, in numbers: whoever reads it gets words in their language and currency. */
export type Reason =
  | {
      readonly kind: 'value'
      readonly metric: MetricId
      readonly value: number
      /** The line it was compared with, and on which side of it the value is. */
      readonly relation: '<' | '>' | '≤' | '≥'
      readonly line: number
      readonly sample: Sample | null
      /** Over the last minutes; null since the start. */
      readonly over_minutes: number | null
    }
  | {
      readonly kind: 'change'
      readonly metric: MetricId
      readonly from: number
      readonly to: number
      readonly window_minutes: number
    }
  | {
      readonly kind: 'unusual'
      readonly metric: MetricId
      readonly value: number
      readonly median: number
      readonly deviations: number
    }
  | { readonly kind: 'silent'; readonly metric: MetricId; readonly minutes: number }
  | {
      readonly kind: 'runs_out'
      readonly left: number
      /** Null while nothing sells. */
      readonly minutes: number | null
    }
  | { readonly kind: 'oversold'; readonly sold: number; readonly left: number }
  | { readonly kind: 'pace'; readonly forecast: number; readonly target: number }
  | { readonly kind: 'source'; readonly name: string; readonly state: string }
  | { readonly kind: 'pin'; readonly minutes: number; readonly clicks: number }
  | {
      readonly kind: 'insight'
      readonly insight: InsightKind
      /** What was reached, such as GMV of the minute; null if it is not a number. */
      readonly value: number | null
      /** What it beats; null if nothing. */
      readonly before: number | null
    }
  /** Nothing can be said. */
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'small_sample'; readonly sample: Sample; readonly least: number }
  /** What it was about is over, such as a LIVE that ended or a rule that changed. */
  | {
      readonly kind: 'over'
      readonly what: 'live' | 'day' | 'product' | 'pin' | 'source' | 'traffic_source' | 'rule'
    }

/** The denominator of a rate, such as views. */
export interface Sample {
  readonly metric: MetricId
  readonly value: number
}
