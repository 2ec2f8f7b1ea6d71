import { type HistoryDimension, historyDimensions } from '@creatorflow/shared/features/history'
import { isLongRun } from '../../scripts/test/long-run.ts'

const all = [undefined, ...historyDimensions]

/** How a question to history is grouped: in every way in a long run, else in one that changes with `turn`. */
export function groupings(turn: number): readonly (HistoryDimension | undefined)[] {
  return isLongRun() ? all : [all[turn % all.length]]
}
