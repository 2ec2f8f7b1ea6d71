// A number as displayed: differences are judged by what a reader can see.

/**
 * A whole number, as Intl rounds: a half goes away from zero. The nudge is for halves that binary fractions
 * fall short of.
 */
export function roundAway(value: number): number {
  const rounded = Math.round(Math.abs(value) * (1 + Number.EPSILON))
  return value < 0 && rounded > 0 ? -rounded : rounded
}

export const ratioDigits = (ratio: number): number =>
  ratio !== 0 && Math.abs(ratio) < 0.01 ? 2 : 1

/** A share as its displayed percentage. */
export function shownRatio(ratio: number): number {
  const steps = 10 ** (ratioDigits(ratio) + 2)
  return roundAway(ratio * steps) / steps
}

/** The difference of two numbers as displayed; for shares too, without binary fraction noise. */
export const shownDifference = (shown: number, other: number): number =>
  Math.round((shown - other) * 1e6) / 1e6

/** Whether a growth would display as 0%. */
export const isNoChange = (ratio: number): boolean => Math.abs(ratio) < 0.005
