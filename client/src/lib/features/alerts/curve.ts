import type { MetricId } from '@creatorflow/shared/metrics'
import type { Convention } from '#lib/format.ts'
import { type Draft, entered, isSpecial, takesValue } from './draft.ts'

/** A measured value in the unit in which the threshold is entered. */
export function onScaleOf(
  { what, comparison }: Pick<Draft, 'what' | 'comparison'>,
  value: number,
  convention: Pick<Convention, 'currency'>,
): number {
  if (isSpecial(what)) return value
  if (takesValue(comparison)) return entered(what as MetricId, value, convention)
  // A fall is entered as a positive number.
  return comparison === 'falls' ? -value : value
}

export interface Scale {
  readonly low: number
  readonly high: number
}

/** A scale on which all the values and the lines can be seen, with room to drag. */
export function scaleOf(values: readonly number[], lines: readonly number[]): Scale {
  const all = [...values, ...lines].filter(Number.isFinite)
  if (all.length === 0) return { low: 0, high: 1 }
  const low = Math.min(0, ...all)
  const high = Math.max(...all)
  const room = (high - low || Math.abs(high) || 1) * 0.15
  return { low: low < 0 ? low - room : 0, high: high + room }
}

/** The line at a share of the height, from the bottom, in steps that are easy to say. */
export function lineAt({ low, high }: Scale, share: number): number {
  const step = stepOf({ low, high })
  const value = low + (high - low) * Math.min(1, Math.max(0, share))
  return Number((Math.round(value / step) * step).toPrecision(12))
}

/** One step of an arrow key: about a hundredth of the scale. */
export function stepOf({ low, high }: Scale): number {
  const raw = (high - low) / 100
  const power = 10 ** Math.floor(Math.log10(raw))
  return power * (raw / power >= 5 ? 5 : raw / power >= 2 ? 2 : 1)
}

export interface CurvePoint {
  readonly minute: number
  readonly value: number | null
}

/** The path of a curve, with gaps where nothing is known. Both directions in the same units as the box. */
export function pathOf(
  points: readonly CurvePoint[],
  minutes: number,
  { low, high }: Scale,
  box: { readonly width: number; readonly height: number },
): string {
  let isOpen = false
  return points
    .map(({ minute, value }) => {
      if (value === null) {
        isOpen = false
        return ''
      }
      const x = (minute / Math.max(1, minutes)) * box.width
      const y = box.height - ((value - low) / (high - low)) * box.height
      const word = `${isOpen ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`
      isOpen = true
      return word
    })
    .join('')
}
