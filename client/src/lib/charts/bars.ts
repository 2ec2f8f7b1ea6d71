/** A rectangle, pixels from the top left corner of the chart. */
export interface Bar {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** What is left between two bars, as a share of the room of each. */
const SPACE = 0.22
const THINNEST = 1

/**
 * One bar for each value, each within its own minute: `step` is the width of a minute, `left` where the first begins.
 * Anything above zero is seen; null and zero have none.
 */
export function barsOf(
  values: readonly (number | null)[],
  { left, step, bottom }: { readonly left: number; readonly step: number; readonly bottom: number },
  yOf: (value: number) => number,
): (Bar | null)[] {
  const width = Math.max(THINNEST, step * (1 - SPACE))
  return values.map((value, index) => {
    if (value === null || value <= 0) return null
    const height = Math.max(1, bottom - yOf(value))
    return { x: left + index * step + (step - width) / 2, y: bottom - height, width, height }
  })
}
