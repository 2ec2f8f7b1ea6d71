import type { Reason, Severity } from './alert-reason.ts'

/** A problem that lasts, or a moment worth telling. */
export type EpisodeKind = 'alert' | 'insight'

interface OfEpisode {
  readonly episode_id: string
  readonly rule_id: string
  readonly kind: EpisodeKind
  readonly severity: Severity
  /** Name of the rule, and its owner's words. */
  readonly name: string
  readonly words: string | null
  /** Empty when it is not about a LIVE. */
  readonly session_id: string
  /** A product, pin, traffic source, day or source, as the rule says; empty for all of it. */
  readonly subject: string
  readonly why: Reason
  /** Epoch ms. */
  readonly fired_at: number
}

/** One thing that screens are told. */
export interface AlertNews extends OfEpisode {
  /** Stays the same when it is sent again. */
  readonly id: string
  readonly transition: 'fired' | 'recovered'
  readonly at: number
}

/** An episode that is on. */
export interface AlertEpisode extends OfEpisode {
  readonly acknowledged_by: string | null
}
