import type { Chart, Plugin } from 'chart.js'

/** A moment on the time axis with a word to it. */
export interface PinLine {
  /** In the unit of the x axis. */
  readonly x: number
  readonly label: string
}

export interface PinLineOptions {
  lines: readonly PinLine[]
  line: string
  text: string
  font: string
}

/** Vertical lines where a product was pinned; a label is cut or left out before it meets the next one. */
export const pinLines: Plugin<'line', PinLineOptions> = {
  id: 'pinLines',
  defaults: { lines: [], line: '', text: '', font: '' },
  afterDatasetsDraw(chart, _args, { lines, line, text, font }) {
    const { ctx, chartArea, scales } = chart
    const { x } = scales
    if (!x || lines.length === 0) return
    const visible = lines.filter((pin) => pin.x >= x.min && pin.x <= x.max)
    ctx.save()
    ctx.font = font
    ctx.textBaseline = 'top'
    ctx.lineWidth = 1
    visible.forEach((pin, index) => {
      const left = x.getPixelForValue(pin.x)
      const next = visible[index + 1]
      const right = next ? x.getPixelForValue(next.x) : chartArea.right
      ctx.strokeStyle = line
      ctx.beginPath()
      ctx.moveTo(left, chartArea.top)
      ctx.lineTo(left, chartArea.bottom)
      ctx.stroke()
      const label = fitted(chart, pin.label, right - left - 12)
      ctx.fillStyle = text
      if (label) ctx.fillText(label, left + 6, chartArea.top + 2)
    })
    ctx.restore()
  },
}

const SHORTEST = 4

function fitted({ ctx }: Chart, label: string, width: number): string | null {
  if (ctx.measureText(label).width <= width) return label
  for (let length = label.length - 1; length >= SHORTEST; length--) {
    const cut = `${label.slice(0, length).trimEnd()}…`
    if (ctx.measureText(cut).width <= width) return cut
  }
  return null
}
