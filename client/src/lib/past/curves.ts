/** One line of a drawing: a value for each minute since its LIVE started; null is a hole. */
export interface Curve {
  readonly name: string
  readonly values: readonly (number | null)[]
  /** The LIVE shown, or the one compared with. */
  readonly role: 'this' | 'other'
}

export interface Frame {
  /** Last minute and greatest value that fit. */
  readonly minutes: number
  readonly top: number
}

/** A top that is round in any currency: 1, 2 or 5 times a power of ten. */
export function roundTop(value: number): number {
  if (value <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power
}

/** Room for all curves. */
export function frameOf(curves: readonly Curve[]): Frame {
  const lengths = curves.map(({ values }) => values.length - 1)
  const values = curves.flatMap((curve) => curve.values.filter((value) => value !== null))
  return { minutes: Math.max(1, ...lengths), top: roundTop(Math.max(0, ...values)) }
}

/** The lines of a curve as an SVG path in a box of 1000 × 100, zero at the bottom. */
export function pathOf({ values }: Curve, { minutes, top }: Frame): string {
  let pen = 'M'
  const parts: string[] = []
  values.forEach((value, minute) => {
    if (value === null) {
      pen = 'M'
      return
    }
    const x = (minute / minutes) * 1_000
    parts.push(`${pen}${x.toFixed(1)} ${(100 - (value / top) * 100).toFixed(2)}`)
    pen = 'L'
  })
  return parts.join('')
}
