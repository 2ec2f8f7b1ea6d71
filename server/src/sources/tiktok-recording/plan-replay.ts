import type { RecordedEvent } from './normalise.ts'

export interface ReplayOptions {
  /** Epoch ms at which the first event happens. */
  readonly startAt: number
  /** How many times as fast as it was. */
  readonly speed: number
  /** Distinguishes this replay of the recording from others. */
  readonly run: string
}

/** Longer silences of a recording are shortened to this: some hold minutes of several months. */
const LONGEST_SILENCE_MS = 30_000

/** The events as if they happened from `startAt` on: in order of time, with ids and LIVEs of this run. */
export function planReplay(
  events: readonly RecordedEvent[],
  { startAt, speed, run }: ReplayOptions,
): RecordedEvent[] {
  let before: number | undefined
  let elapsedMs = 0
  return [...events]
    .sort((a, b) => a.ts - b.ts)
    .map((event) => {
      elapsedMs += Math.min(event.ts - (before ?? event.ts), LONGEST_SILENCE_MS)
      before = event.ts
      return {
        ...event,
        id: `${event.id}-replay-${run}`,
        ts: startAt + Math.round(elapsedMs / speed),
        ...(event.session_id !== undefined && { session_id: `${event.session_id}-replay-${run}` }),
      }
    })
}
