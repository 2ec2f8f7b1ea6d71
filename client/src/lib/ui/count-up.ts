/** Longer, and a number that changes every second would never stand still. */
export const COUNT_UP_MS = 300

/** Where a number that goes from one value to another stands after `ms`: quick first, exactly there at the end. */
export function countedTo(from: number, to: number, ms: number): number {
  const share = Math.min(1, Math.max(0, ms / COUNT_UP_MS))
  if (share === 1) return to
  return Math.round(to - (to - from) * (1 - share) ** 3)
}
