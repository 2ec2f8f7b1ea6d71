import type { Chart, Plugin } from 'chart.js'

/** A moment of the time axis, in the unit of the x axis. */
export interface TimeLine {
  readonly x: number
  readonly colour: string
  readonly dash?: readonly number[]
}

/** A stretch of the time axis. */
export interface TimeBand {
  readonly from: number
  readonly to: number
  readonly colour: string
}

export interface TimeMarksOptions {
  lines: readonly TimeLine[]
  bands: readonly TimeBand[]
}

/** A stretch of a few seconds must still be seen. */
const NARROWEST = 3

/** Vertical lines over the curves, and bands behind them; their words are buttons above the canvas. */
export const timeMarks: Plugin<'line', TimeMarksOptions> = {
  id: 'timeMarks',
  defaults: { lines: [], bands: [] },
  beforeDatasetsDraw(chart, _args, { bands }) {
    const { ctx, chartArea, scales } = chart
    const { x } = scales
    if (!x) return
    ctx.save()
    for (const { from, to, colour } of bands) {
      if (to < x.min || from > x.max) continue
      const left = Math.max(x.getPixelForValue(from), chartArea.left)
      const right = Math.min(x.getPixelForValue(to), chartArea.right)
      ctx.fillStyle = colour
      ctx.fillRect(left, chartArea.top, Math.max(right - left, NARROWEST), chartArea.height)
    }
    ctx.restore()
  },
  afterDatasetsDraw(chart, _args, { lines }) {
    for (const line of lines) drawLine(chart, line)
  },
}

function drawLine({ ctx, chartArea, scales }: Chart, { x: at, colour, dash }: TimeLine): void {
  const { x } = scales
  if (!x || at < x.min || at > x.max) return
  const left = x.getPixelForValue(at)
  ctx.save()
  ctx.strokeStyle = colour
  ctx.lineWidth = 1
  ctx.setLineDash([...(dash ?? [])])
  ctx.beginPath()
  ctx.moveTo(left, chartArea.top)
  ctx.lineTo(left, chartArea.bottom)
  ctx.stroke()
  ctx.restore()
}
