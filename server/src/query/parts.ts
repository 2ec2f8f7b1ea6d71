import { answerLimits } from '@creatorflow/shared/query'
import { AppError } from '../core/errors.ts'
import { keyColumnsOf, type Reading } from './compile.ts'
import type { Frame, TimeCell } from './frame.ts'
import type { FoundLive } from './on-air.ts'
import type { BaseValues, Plan } from './reads.ts'

/** A plan over one range. */
export interface Part {
  readonly plan: Plan
  readonly frame: Frame
}

export type Key = string | number | null

export interface Cell {
  /** By the question's dimensions, in its order. */
  readonly keys: readonly Key[]
  readonly bucket: number
  values: BaseValues
}

/**
 * The result of a plan: base values of every cell that has any, and the LIVEs in order of their start if it
 * lists them.
 */
export interface Found {
  readonly cells: readonly Cell[]
  readonly lives: readonly FoundLive[] | undefined
  /** Likes from before the first report of their LIVE. */
  readonly opening: number
  readonly excluded: { readonly orders: number; readonly entries: number }
}

export interface Moment {
  /** Epoch ms. */
  readonly now: number
  /** Older events are no longer in the log. */
  readonly keptSince: number
}

/** What was read for each part. */
export type ByPart<T> = Map<Part, T>

/** Values by keys of the log and cell. */
export interface Values {
  readonly keys: readonly (string | null)[]
  readonly cell: TimeCell
  readonly values: BaseValues
}

/** What a part reads of the log. */
export const readingOf = ({ plan, frame }: Part): Reading => ({
  shape: plan.shape,
  sums: plan.sums,
  frame,
  limit: answerLimits.points + 1,
})

/** The keys of a row read for a part. */
export const keysOf = (part: Part, row: { readonly [column: string]: unknown }) =>
  keyColumnsOf(part.plan.shape).map((_, n) => row[`k${n}`] as string | null)

/** Why an answer with more than that is refused. */
export function tooMuch(most: string): AppError {
  const message = `An answer holds at most ${most}: ask for a shorter range or longer buckets.`
  return new AppError('invalid_input', message, { details: { ...answerLimits } })
}
