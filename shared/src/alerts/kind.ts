import type { Sample } from '../alert-reason.ts'
import type { LiveEntry } from '../live-state.ts'
import type { MetricId } from '../metrics.ts'
import type { Condition } from './condition.ts'
import type { Further, Signal } from './step.ts'
import type { View } from './view.ts'

/** What a condition measured of one subject, before it is compared with any threshold. */
export interface Measured {
  /** Empty when it is not about a LIVE. */
  readonly session_id: string
  /** What of it, such as a product; empty for all of it. */
  readonly subject: string
  /** Null when there is nothing to compare. */
  readonly value: number | null
  /** Why there is no value. */
  readonly missing?: string
  /** The denominator of a rate. */
  readonly sample?: Sample | null
  /** More numbers and names for the reason. */
  readonly facts?: Readonly<Record<string, number | string | null>>
  /** What the next measurement of this subject has to know. */
  readonly memory?: unknown
}

export type MemoryOf = (sessionId: string, subject: string) => unknown

/**
 * What measuring reads: while none of it changes, measuring again gives the same. Whoever reads a series by minute is
 * measured again with each new minute as well.
 */
export interface Reads {
  /** Metrics of each LIVE's columns. */
  readonly totals?: readonly MetricId[]
  readonly minutes?: readonly MetricId[]
  readonly products?: readonly MetricId[]
  /** Other parts of a LIVE. */
  readonly parts?: readonly (keyof LiveEntry)[]
  readonly stock?: true
}

/** One kind of condition. Measuring knows no thresholds, so that a measured course can be judged by any. */
export interface Kind<C extends Condition> {
  /**
   * Every subject that exists now; undefined while something that it needs is not known. Under `view.changes` those
   * that the changes leave as they were may be left out.
   */
  measure(condition: C, view: View, memoryOf: MemoryOf): readonly Measured[] | undefined
  judge(condition: C, measured: Measured): Signal
  /** Which of two values is further in the direction of a breach. */
  further(condition: C): Further
  /** The part of a condition that measuring depends on: equal ones measure the same. */
  measuredBy(condition: C): unknown
  /** Undefined for what time alone changes, and for what is not in the live state. */
  reads?(condition: C): Reads | undefined
}

export const higher: Further = (a, b) => a > b
export const lower: Further = (a, b) => a < b

/** The signal of a subject without a value. */
export const unknownSignal = ({ missing }: Measured): Signal => ({
  phase: 'no_data',
  value: null,
  why: { kind: 'unknown', reason: missing ?? 'not known' },
})
