/** Steps of colour of every heat map; 0 is nothing at all. */
export const HEAT_LEVELS = 5

/** The step of a value against the greatest one: anything above zero is seen. */
export function heatLevel(value: number, greatest: number): number {
  if (value <= 0) return 0
  return Math.max(1, Math.ceil((value / greatest) * HEAT_LEVELS))
}

/** One cell; without a level it has nothing to show. */
export interface HeatCell {
  readonly level: number | null
  /** What it says on hover and to a screen reader. */
  readonly words: string
}

/** What a row is about: the colour of its cells. */
export type HeatHue = 'money' | 'people' | 'love'

export interface HeatRow {
  readonly key: string
  readonly hue: HeatHue
  readonly label: string
  readonly cells: readonly HeatCell[]
}
