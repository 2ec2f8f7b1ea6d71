import type { Plugin } from 'chart.js'
import { type Bar, barsOf } from './bars.ts'

export interface MinuteBarsOptions {
  /** Of the first minute on; null hides them. */
  values: readonly number[] | null
  /** The epoch minute of the first value. */
  first: number
  /** The last one is not over. */
  running: boolean
  colour: string
  pale: string
}

/** Index of the dataset in whose place they are drawn: its scale is theirs. */
export const BARS_DATASET = 2
const ROUND = 2.5
const HATCH_PIXELS = 5

/** One bar a minute. The bar controller of the library is ten times as large, and knows no minute that is not over. */
export const minuteBars: Plugin<'line', MinuteBarsOptions> = {
  id: 'minuteBars',
  defaults: { values: null, first: 0, running: false, colour: '', pale: '' },
  beforeDatasetDraw(chart, { index }, { values, first, running, colour, pale }) {
    const { x, gmv: y } = chart.scales
    if (index !== BARS_DATASET || !values || !x || !y) return
    const { ctx, chartArea } = chart
    const left = x.getPixelForValue(first)
    const step = x.getPixelForValue(first + 1) - left
    const bars = barsOf(values, { left, step, bottom: y.getPixelForValue(0) }, (value) =>
      y.getPixelForValue(value),
    )
    ctx.save()
    ctx.beginPath()
    ctx.rect(chartArea.left, chartArea.top, chartArea.width, chartArea.height)
    ctx.clip()
    ctx.fillStyle = colour
    ctx.beginPath()
    for (const bar of running ? bars.slice(0, -1) : bars) if (bar) trace(ctx, bar)
    ctx.fill()
    const last = running ? bars.at(-1) : null
    if (last) hatch(ctx, last, colour, pale)
    ctx.restore()
  },
}

function trace(ctx: CanvasRenderingContext2D, { x, y, width, height }: Bar): void {
  const round = Math.min(ROUND, width / 2, height)
  ctx.roundRect(x, y, width, height, [round, round, 0, 0])
}

/** What is not over is drawn paler and hatched: seen without telling colours apart. */
function hatch(ctx: CanvasRenderingContext2D, bar: Bar, colour: string, pale: string): void {
  ctx.beginPath()
  trace(ctx, bar)
  ctx.fillStyle = pale
  ctx.fill()
  ctx.strokeStyle = colour
  ctx.lineWidth = 1
  ctx.stroke()
  ctx.clip()
  ctx.beginPath()
  for (let at = bar.y - bar.width; at < bar.y + bar.height; at += HATCH_PIXELS) {
    ctx.moveTo(bar.x, at + bar.width)
    ctx.lineTo(bar.x + bar.width, at)
  }
  ctx.stroke()
}
