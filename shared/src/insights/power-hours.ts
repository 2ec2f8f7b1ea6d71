import type { Reply } from '../endpoint.ts'
import type { getPowerHours } from '../features/baseline.ts'

export type PowerHoursReply = Reply<typeof getPowerHours>
export type Hour = PowerHoursReply['hours'][number]

/** What an hour of the week may be ranked by. */
export const measures = ['gmv', 'main_orders', 'average_viewers'] as const
export type Measure = (typeof measures)[number]

/** One LIVE, or less time than this, says nothing about an hour of the week. */
export const LEAST_LIVES = 2
export const LEAST_SECONDS = 1_800

/** Whether an hour of the week was on air often and long enough to be ranked. */
export function isEnough({ seconds, lives }: Pick<Hour, 'seconds' | 'lives'>): boolean {
  return seconds >= LEAST_SECONDS && lives >= LEAST_LIVES
}

export interface PowerCell {
  readonly weekday: number
  readonly hour: number
  readonly known: Hour | undefined
  /** Per hour on air; viewers unchanged. Null if it is not enough, or unreported. */
  readonly value: number | null
}

/** Seven rows from Monday, 24 cells each. */
export function calculatePowerHours(hours: readonly Hour[], measure: Measure): PowerCell[][] {
  const known = new Map(hours.map((hour) => [(hour.weekday - 1) * 24 + hour.hour, hour]))
  return Array.from({ length: 7 }, (_, day) =>
    Array.from({ length: 24 }, (_, hour) => {
      const at = known.get(day * 24 + hour)
      return { weekday: day + 1, hour, known: at, value: at ? worthOf(at, measure) : null }
    }),
  )
}

/** The cell with the greatest value; undefined if nothing was sold or watched. */
export function bestOf(rows: readonly (readonly PowerCell[])[]): PowerCell | undefined {
  return rows
    .flat()
    .filter(({ value }) => value !== null && value > 0)
    .reduce<PowerCell | undefined>(
      (best, cell) => ((cell.value ?? 0) > (best?.value ?? 0) ? cell : best),
      undefined,
    )
}

function worthOf(hour: Hour, measure: Measure): number | null {
  if (!isEnough(hour)) return null
  return measure === 'average_viewers'
    ? hour.average_viewers
    : (hour[measure] * 3_600) / hour.seconds
}
