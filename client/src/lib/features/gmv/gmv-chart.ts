import type { MinuteRange, Series } from '@creatorflow/shared/insights/by-minute'
import { MINUTE_MS } from '@creatorflow/shared/live-state'
import {
  Chart,
  type ChartConfiguration,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  type Plugin,
  PointElement,
} from 'chart.js'
import type { ChartColours } from '#lib/charts/colours.ts'
import { minuteTicks } from '#lib/charts/series.ts'
import { type TimeBand, type TimeLine, timeMarks } from '#lib/charts/time-marks.ts'
import type { Ghost } from './ghost.ts'
import type { AxisArea } from './markers.ts'

Chart.register(LineController, LineElement, PointElement, LinearScale, Filler, timeMarks)

declare module 'chart.js' {
  interface PluginOptionsByType<TType> {
    timeMarks?: TType extends 'line'
      ? Partial<import('#lib/charts/time-marks.ts').TimeMarksOptions>
      : never
  }
}

export interface GmvChartContent {
  readonly range: MinuteRange
  readonly gmv: readonly number[]
  readonly viewers: Series
  readonly ghost: Ghost
  /** Moments and stretches that are drawn, by the colours of this content. */
  readonly lines: readonly TimeLine[]
  readonly bands: readonly TimeBand[]
  /** Streamer mode: the axis of money is left out. */
  readonly hidden: boolean
  /** The last minute is not over: what it has so far is drawn apart. */
  readonly running: boolean
  readonly colours: ChartColours
  readonly formatMinute: (minute: number) => string
  readonly formatMoney: (minor: number, characters?: number) => string
  readonly formatCount: (value: number) => string
}

export interface GmvChart {
  /** Draws it: other colours at once, other numbers soon. */
  show(content: GmvChartContent): void
  destroy(): void
}

/** What a minute has so far is drawn twice a second: more often nobody sees, and nothing else costs as much. */
const REDRAW_MS = 500

const FONT = "'Inter Variable', system-ui, sans-serif"
const PIXELS_PER_TICK = 90

/** Above the curves: where the buttons of the marks are. */
export const MARKS_PIXELS = 28

/** Draws GMV per minute and viewers on a canvas, and tells where the time axis is. */
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
    const isOtherwise = next.colours !== content.colours || next.hidden !== content.hidden
    content = next
    if (isOtherwise) draw()
    else due ??= setTimeout(draw, Math.max(0, drawnAt + REDRAW_MS - performance.now()))
  }

  function draw(): void {
    clearTimeout(due)
    due = undefined
    drawnAt = performance.now()
    const { range, ghost, colours } = content
    const [gmv, running, viewers, previous, high, low] = chart.data.datasets
    if (!gmv || !running || !viewers || !previous || !high || !low) return
    const money = withLine(points(range, content.gmv))
    gmv.data = content.running ? money.slice(0, -1) : money
    running.data = content.running ? money.slice(-2) : []
    for (const dataset of [gmv, running]) {
      dataset.borderColor = colours.live
      dataset.backgroundColor = colours.fill
    }
    viewers.data = withLine(points(range, content.viewers))
    viewers.borderColor = colours.viewers
    previous.data = withHoles(range, ghost.previous)
    previous.borderColor = colours.ghost
    high.data = withHoles(range, ghost.high)
    high.backgroundColor = colours.band
    low.data = withHoles(range, ghost.low)
    const { x, gmv: left, viewers: right } = chart.options.scales ?? {}
    if (x)
      Object.assign(x, {
        min: range.first,
        // What happens in the last minute stands to the right of its point.
        max: Math.max(range.last + 1, ghost.last),
      })
    for (const scale of [x, left, right]) {
      if (scale?.ticks) scale.ticks.color = colours.muted
    }
    if (left) left.display = !content.hidden
    if (left?.grid) left.grid.color = colours.line
    const plugins = chart.options.plugins ?? {}
    plugins.timeMarks = {
      lines: content.lines,
      bands: content.bands,
      text: colours.warnText,
      font: `12px ${FONT}`,
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

function points({ first }: MinuteRange, series: Series): { x: number; y: number }[] {
  return series.flatMap((y, index) => (y === null ? [] : [{ x: first + index, y }]))
}

/** Where nothing is known the line is broken; of nothing but holes no points are made. */
function withHoles({ first }: MinuteRange, series: Series): { x: number; y: number }[] {
  if (series.every((y) => y === null)) return []
  return series.map((y, index) => ({ x: first + index, y: y ?? Number.NaN }))
}

/** One minute alone is half a minute of line: a point as large as it needs would be an option of every point. */
function withLine(all: { x: number; y: number }[]): { x: number; y: number }[] {
  const [only, next] = all
  return only && !next ? [only, { x: only.x + 0.5, y: only.y }] : all
}

/** Tells where the axis is after each layout that moved it. */
function placing(placed: (area: AxisArea) => void): Plugin<'line'> {
  let last = ''
  return {
    id: 'placing',
    afterLayout({ chartArea, scales }) {
      const { x } = scales
      if (!x) return
      const { left, right } = chartArea
      const area = { left, right, from: x.min * MINUTE_MS, to: x.max * MINUTE_MS }
      const key = Object.values(area).join()
      if (key === last) return
      last = key
      placed(area)
    },
  }
}

const ghostly = {
  yAxisID: 'gmv',
  pointRadius: 0,
  borderWidth: 0,
} as const

function configurationOf(
  content: () => GmvChartContent,
  placed: (area: AxisArea) => void,
): ChartConfiguration<'line'> {
  const ticks = { font: { family: FONT, size: 12 }, maxTicksLimit: 5 }
  return {
    type: 'line',
    plugins: [placing(placed)],
    data: {
      datasets: [
        {
          label: 'GMV',
          data: [],
          yAxisID: 'gmv',
          fill: true,
          pointRadius: 0,
          borderWidth: 2,
        },
        // To the last minute, which is not over.
        {
          label: 'running',
          data: [],
          yAxisID: 'gmv',
          fill: true,
          pointRadius: 0,
          borderWidth: 2,
          borderDash: [3, 4],
        },
        {
          label: 'Viewers',
          data: [],
          yAxisID: 'viewers',
          pointRadius: 0,
          borderWidth: 1.5,
          // A minute without a report is joined, a real silence is a hole.
          spanGaps: 5,
        },
        { ...ghostly, label: 'Last LIVE', data: [], borderWidth: 1.2, borderDash: [5, 4] },
        // The middle half: from the upper quartile to the dataset after it, the lower one.
        { ...ghostly, label: 'high', data: [], fill: '+1' },
        { ...ghostly, label: 'low', data: [] },
      ],
    },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      // The points are as chart.js keeps them, in order and without doubles.
      parsing: false,
      normalized: true,
      // What a minute says is told beside the canvas.
      events: [],
      plugins: {},
      layout: { padding: { top: MARKS_PIXELS } },
      scales: {
        x: {
          type: 'linear',
          grid: { display: false },
          border: { display: false },
          afterBuildTicks: (axis) => {
            const range = { first: Math.ceil(axis.min), last: Math.floor(axis.max) }
            const count = Math.max(2, Math.floor(axis.chart.width / PIXELS_PER_TICK))
            axis.ticks = minuteTicks(range, count).map((value) => ({ value }))
          },
          ticks: {
            ...ticks,
            autoSkip: false,
            maxRotation: 0,
            callback: (value) => content().formatMinute(Number(value)),
          },
        },
        gmv: {
          beginAtZero: true,
          grace: '5%',
          // An axis of nothing but zeros says nothing.
          suggestedMax: 1_000,
          border: { display: false },
          grid: { drawTicks: false },
          ticks: {
            ...ticks,
            padding: 6,
            callback: (value) => content().formatMoney(Number(value), 4),
          },
        },
        viewers: {
          beginAtZero: true,
          suggestedMax: 10,
          position: 'right',
          border: { display: false },
          grid: { display: false },
          ticks: {
            ...ticks,
            precision: 0,
            callback: (value) => content().formatCount(Number(value)),
          },
        },
      },
    },
  }
}
