import type { MinuteRange, Series } from '@creatorflow/shared/insights/by-minute'
import { Chart, Filler, LinearScale, LineController, LineElement, PointElement } from 'chart.js'
import { minuteBars } from '#lib/charts/minute-bars.ts'
import { CHART_FONT, CHART_FONT_PIXELS } from '#lib/charts/theme.ts'
import { type ThresholdLine, thresholds } from '#lib/charts/thresholds.ts'
import { timeMarks } from '#lib/charts/time-marks.ts'
import { configurationOf } from './configuration.ts'
import type { GmvChartContent } from './content.ts'
import type { AxisArea } from './markers.ts'

Chart.register(
  LineController,
  LineElement,
  PointElement,
  LinearScale,
  Filler,
  timeMarks,
  minuteBars,
  thresholds,
)

declare module 'chart.js' {
  interface PluginOptionsByType<TType> {
    timeMarks?: TType extends 'line'
      ? Partial<import('#lib/charts/time-marks.ts').TimeMarksOptions>
      : never
    minuteBars?: TType extends 'line'
      ? Partial<import('#lib/charts/minute-bars.ts').MinuteBarsOptions>
      : never
    thresholds?: TType extends 'line'
      ? Partial<import('#lib/charts/thresholds.ts').ThresholdsOptions>
      : never
  }
}

export interface GmvChart {
  /** Draws it: other colours at once, other numbers soon. */
  show(content: GmvChartContent): void
  destroy(): void
}

/** What a minute has so far is drawn twice a second: more often nobody sees, and nothing else costs as much. */
const REDRAW_MS = 500

/** Draws GMV and viewers on a canvas, and tells where the time axis is. */
export function createGmvChart(
  canvas: HTMLCanvasElement,
  first: GmvChartContent,
  placed: (area: AxisArea) => void,
): GmvChart {
  let content = first
  let drawnAt = Number.NEGATIVE_INFINITY
  let due: ReturnType<typeof setTimeout> | undefined
  const chart = new Chart(
    canvas,
    configurationOf(() => content, placed),
  )
  draw()

  function show(next: GmvChartContent): void {
    const isOtherwise =
      next.colours !== content.colours ||
      next.hidden !== content.hidden ||
      next.measure !== content.measure
    content = next
    if (isOtherwise) draw()
    else due ??= setTimeout(draw, Math.max(0, drawnAt + REDRAW_MS - performance.now()))
  }

  function draw(): void {
    clearTimeout(due)
    due = undefined
    drawnAt = performance.now()
    drawLines(chart, content)
    drawScales(chart, content)
    const { colours, range, running, gmv, lines, bands } = content
    chart.options.plugins = {
      timeMarks: {
        lines,
        bands,
        text: colours.attention,
        font: `${CHART_FONT_PIXELS}px ${CHART_FONT}`,
      },
      thresholds: {
        lines: content.thresholds,
        colour: colours.attention,
        font: `${CHART_FONT_PIXELS}px ${CHART_FONT}`,
      },
      minuteBars: {
        values: content.measure === 'minute' ? gmv : null,
        first: range.first,
        running,
        colour: colours.money,
        pale: colours.moneyPale,
      },
    }
    chart.update('none')
  }

  return {
    show,
    destroy() {
      clearTimeout(due)
      chart.destroy()
    },
  }
}

function drawLines(chart: Chart<'line'>, content: GmvChartContent): void {
  const { measure, range, ghost, colours, goal } = content
  const [previous, aim, gmv, running, viewers, high, low] = chart.data.datasets
  if (!previous || !aim || !gmv || !running || !viewers || !high || !low) return
  const isSum = measure === 'sum'
  // A minute is drawn in its middle, a sum where its minute ends.
  const shift = isSum ? 1 : 0.5
  const money = points(range, content.gmv, shift)
  if (isSum && content.startsAtZero) money.unshift({ x: range.first, y: 0 })
  gmv.data = isSum && content.running ? money.slice(0, -1) : money
  gmv.showLine = isSum
  running.data = isSum && content.running ? money.slice(-2) : []
  for (const dataset of [gmv, running]) {
    dataset.borderColor = colours.money
    dataset.backgroundColor = isSum ? colours.moneyFill : 'transparent'
  }
  const last = Math.max(range.last, ghost.last) + 1
  aim.data =
    isSum && goal !== null
      ? [
          { x: range.first, y: goal },
          { x: last, y: goal },
        ]
      : []
  aim.borderColor = colours.text
  viewers.data = isSum ? [] : withLine(points(range, content.viewers, shift))
  viewers.borderColor = colours.people
  viewers.backgroundColor = colours.peopleFill
  previous.data = withHoles(range, ghost.previous, shift)
  previous.borderColor = colours.ghost
  high.data = withHoles(range, ghost.high, shift)
  high.backgroundColor = colours.band
  low.data = withHoles(range, ghost.low, shift)
}

function drawScales(
  chart: Chart<'line'>,
  { measure, range, ghost, colours, hidden, thresholds, gmv, viewers }: GmvChartContent,
): void {
  const { x, gmv: left, viewers: right } = chart.options.scales ?? {}
  if (x) Object.assign(x, { min: range.first, max: Math.max(range.last, ghost.last) + 1 })
  for (const scale of [x, left, right]) {
    if (scale?.ticks) scale.ticks.color = colours.muted
  }
  if (left) left.display = !hidden
  if (left) left.suggestedMax = Math.max(1_000, reachOf(thresholds, 'gmv', gmv))
  if (right) right.suggestedMax = Math.max(10, reachOf(thresholds, 'viewers', viewers))
  if (left?.grid) left.grid.color = colours.line
  if (right?.ticks) right.ticks.color = colours.people
  if (right) right.display = measure === 'minute'
}

/** How high an axis goes for its thresholds: one that is far off would press the curve flat. */
function reachOf(lines: readonly ThresholdLine[], of: string, series: Series): number {
  const highest = Math.max(0, ...series.map((value) => value ?? 0))
  const near = lines.filter(({ axis, value }) => axis === of && value <= 2 * highest)
  return Math.max(0, ...near.map(({ value }) => value))
}

type Point = { x: number; y: number }

function points({ first }: MinuteRange, series: Series, shift: number): Point[] {
  return series.flatMap((y, index) => (y === null ? [] : [{ x: first + index + shift, y }]))
}

/** Where nothing is known the line is broken; of nothing but holes no points are made. */
function withHoles({ first }: MinuteRange, series: Series, shift: number): Point[] {
  if (series.every((y) => y === null)) return []
  return series.map((y, index) => ({ x: first + index + shift, y: y ?? Number.NaN }))
}

/** One minute alone is a minute of line: a point as large as it needs would be an option of every point. */
function withLine(all: Point[]): Point[] {
  const [only, next] = all
  return only && !next
    ? [
        { ...only, x: only.x - 0.5 },
        { ...only, x: only.x + 0.5 },
      ]
    : all
}
