import type { MinuteRange, Series } from '@creatorflow/shared/insights/by-minute'

const steps = [1, 2, 5, 10, 15, 30, 60, 120, 240, 360]

/** Epoch minutes for the marks of a time axis: round ones in any zone, at most `count`. */
export function minuteTicks({ first, last }: MinuteRange, count: number): number[] {
  const step = steps.find((minutes) => (last - first) / minutes <= count) ?? 720
  const ticks: number[] = []
  for (let tick = Math.ceil(first / step) * step; tick <= last; tick += step) ticks.push(tick)
  return ticks
}

/** Points of a small line in a box of 100 × 100, highest value on top; nulls are left out. */
export function sparklinePoints(series: Series): string {
  const known = series.filter((value) => value !== null)
  if (known.length < 2) return ''
  const least = Math.min(...known, 0)
  const span = Math.max(...known) - least || 1
  const points: string[] = []
  series.forEach((value, index) => {
    if (value === null) return
    const x = (index / (series.length - 1)) * 100
    points.push(`${x.toFixed(1)},${(100 - ((value - least) / span) * 100).toFixed(1)}`)
  })
  return points.join(' ')
}
