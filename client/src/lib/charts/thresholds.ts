import type { Plugin } from 'chart.js'

/** A value of an axis that somebody wants to hear about. */
export interface ThresholdLine {
  readonly axis: string
  readonly value: number
  readonly words: string
}

export interface ThresholdsOptions {
  lines: readonly ThresholdLine[]
  colour: string
  font: string
}

/** Room between a line and its words. */
const GAP = 3

/** Level lines with their words, over the curves. */
export const thresholds: Plugin<'line', ThresholdsOptions> = {
  id: 'thresholds',
  defaults: { lines: [], colour: '', font: '' },
  afterDatasetsDraw({ ctx, chartArea, scales }, _args, { lines, colour, font }) {
    const { left, right, top, bottom } = chartArea
    ctx.save()
    Object.assign(ctx, { strokeStyle: colour, fillStyle: colour, font, lineWidth: 1.5 })
    ctx.setLineDash([6, 4])
    for (const { axis, value, words } of lines) {
      const at = scales[axis]?.getPixelForValue(value) ?? Number.NaN
      if (!(at >= top && at <= bottom)) continue
      ctx.beginPath()
      ctx.moveTo(left, at)
      ctx.lineTo(right, at)
      ctx.stroke()
      const isHigh = at - top > 20
      ctx.textBaseline = isHigh ? 'bottom' : 'top'
      ctx.fillText(words, left + 2 * GAP, isHigh ? at - GAP : at + GAP, right - left)
    }
    ctx.restore()
  },
}
