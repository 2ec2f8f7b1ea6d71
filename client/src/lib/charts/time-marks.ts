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
  readonly words: string
}

export interface TimeMarksOptions {
  lines: readonly TimeLine[]
  bands: readonly TimeBand[]
  /** Colour and font of the words beside a band. */
  text: string
  font: string
}

/** A stretch of a few seconds must still be seen. */
const NARROWEST = 3

/** Vertical lines over the curves, and bands over the bars that they interrupt; their words are buttons above the canvas. */
export const timeMarks: Plugin<'line', TimeMarksOptions> = {
  id: 'timeMarks',
  defaults: { lines: [], bands: [], text: '', font: '' },
  beforeDatasetsDraw(chart, _args, { bands, text, font }) {
    const { ctx, chartArea, scales } = chart
    const { x } = scales
    if (!x) return
    ctx.save()
    ctx.font = font
    ctx.textBaseline = 'top'
    let free = chartArea.left
    for (const { from, to, colour, words } of bands) {
      if (to < x.min || from > x.max) continue
      const left = Math.max(x.getPixelForValue(from), chartArea.left)
      const right = Math.min(x.getPixelForValue(to), chartArea.right)
      ctx.fillStyle = colour
      const width = Math.max(right - left, NARROWEST)
      ctx.fillRect(left, chartArea.top, width, chartArea.height)
      const start = left + width + 4
      const end = start + ctx.measureText(words).width
      if (start < free || end > chartArea.right) continue
      ctx.fillStyle = text
      ctx.fillText(words, start, chartArea.top + 3)
      free = end + 8
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
