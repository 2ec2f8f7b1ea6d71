import { FOLD_SHAPE, FOLD_VERSION, shapeOf } from '@creatorflow/shared/fold-version'
import type { LiveEntry, LiveState } from '@creatorflow/shared/live-state'
import { baseMetricIds, type MetricId } from '@creatorflow/shared/metrics'
import { countedByFold3, type LiveOfFold3, liveOfFold3 } from './fold-3.ts'

// The fold of dropped events cannot be redone: it is read by name, whichever catalogue wrote it.

/** The metrics counted when it was folded; folds 1 to 3 did not say. */
interface Counted {
  readonly counted?: readonly string[]
}

/** A LIVE of dropped events as stored in `frozen_lives`. */
export type KeptLive = Counted & (LiveEntry | LiveOfFold3)
/** The state of dropped events as stored in `log_bases`. */
export type KeptState = Counted &
  Omit<LiveState, 'lives'> & { readonly lives: Readonly<Record<string, LiveEntry | LiveOfFold3>> }

/** How to store a fold, with the version to store it under. */
export function toKept<T extends LiveEntry | LiveState>(folded: T) {
  const kept = { ...folded, counted: baseMetricIds }
  return { version: FOLD_VERSION, json: JSON.stringify(kept) }
}

/** A LIVE stored with a version. Throws on a shape from a later release. */
export function liveOfKept(version: number, { counted, ...live }: KeptLive): LiveEntry {
  const shape = shapeOf(version)
  if (shape > FOLD_SHAPE) {
    throw new Error(`dropped events are kept as fold ${shape}; this release reads ${FOLD_SHAPE}`)
  }
  const isOld = shape < FOLD_SHAPE
  const entry = isOld ? liveOfFold3(live as LiveOfFold3) : (live as LiveEntry)
  const known: readonly string[] = (isOld ? countedByFold3 : counted) ?? []
  const uncounted = baseMetricIds.filter(
    (id: MetricId) => !known.includes(id) || entry.uncounted?.includes(id),
  )
  return uncounted.length > 0 ? { ...entry, uncounted } : entry
}

/** The same for the state of a whole log. */
export function stateOfKept(version: number, { counted, ...state }: KeptState): LiveState {
  const lives = Object.entries(state.lives).map(([id, live]) => {
    return [id, liveOfKept(version, { ...live, ...(counted && { counted }) })] as const
  })
  return { ...state, lives: Object.fromEntries(lives) }
}
