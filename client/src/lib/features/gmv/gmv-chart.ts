import {
  Chart,
  type ChartConfiguration,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  type ScriptableContext,
  Tooltip,
} from 'chart.js'
import type { ChartColours } from '#lib/charts/colours.ts'
import { type PinLine, pinLines } from '#lib/charts/pin-lines.ts'
import { type MinuteRange, minuteTicks, type Series } from '#lib/charts/series.ts'

Chart.register(LineController, LineElement, PointElement, LinearScale, Filler, Tooltip, pinLines)

declare module 'chart.js' {
  interface PluginOptionsByType<TType> {
    pinLines?: TType extends 'line'
      ? Partial<import('#lib/charts/pin-lines.ts').PinLineOptions>
      : never
  }
}

export interface GmvChartContent {
  readonly range: MinuteRange
  readonly gmv: readonly number[]
  readonly viewers: Series
  readonly pins: readonly PinLine[]
  /** The last minute is not over: what it has so far is drawn apart. */
  readonly running: boolean
  readonly colours: ChartColours
  readonly formatMinute: (minute: number) => string
  readonly formatMoney: (minor: number, characters?: number) => string
  readonly formatCount: (value: number) => string
}

export interface GmvChart {
  show(content: GmvChartContent): void
  destroy(): void
}

const FONT = "'Inter Variable', system-ui, sans-serif"
const PIXELS_PER_TICK = 90

/** Draws GMV per minute and viewers on a canvas. */
export function createGmvChart(canvas: HTMLCanvasElement, first: GmvChartContent): GmvChart {
  let content = first
  const chart = new Chart(
    canvas,
    configurationOf(() => content),
  )
  show(first)

  function show(next: GmvChartContent): void {
    content = next
    const { range, colours } = next
    const pad = range.first === range.last ? 1 : 0
    const [gmv, viewers] = chart.data.datasets
    if (!gmv || !viewers) return
    gmv.data = points(range, next.gmv)
    gmv.borderColor = colours.live
    gmv.backgroundColor = colours.fill
    gmv.pointBackgroundColor = colours.live
    viewers.data = points(range, next.viewers)
    viewers.borderColor = colours.viewers
    const { x, gmv: left, viewers: right } = chart.options.scales ?? {}
    if (x) Object.assign(x, { min: range.first - pad, max: range.last + pad })
    for (const scale of [x, left, right]) {
      if (scale?.ticks) scale.ticks.color = colours.muted
    }
    if (left?.grid) left.grid.color = colours.line
    const plugins = chart.options.plugins ?? {}
    plugins.pinLines = {
      lines: next.pins,
      line: colours.line,
      text: colours.muted,
      font: `11.5px ${FONT}`,
    }
    if (plugins.tooltip) {
      Object.assign(plugins.tooltip, {
        backgroundColor: colours.panel,
        titleColor: colours.text,
        bodyColor: colours.text,
        borderColor: colours.line,
      })
    }
    chart.update('none')
  }

  return { show, destroy: () => chart.destroy() }
}

function points({ first }: MinuteRange, series: Series): { x: number; y: number }[] {
  return series.flatMap((y, index) => (y === null ? [] : [{ x: first + index, y }]))
}

/** A LIVE of one minute has no line yet. */
function radiusOf({ dataset }: ScriptableContext<'line'>): number {
  return dataset.data.length < 2 ? 3 : 0
}

function configurationOf(content: () => GmvChartContent): ChartConfiguration<'line'> {
  const ticks = { font: { family: FONT, size: 11.5 }, maxTicksLimit: 5 }
  return {
    type: 'line',
    data: {
      datasets: [
        {
          label: 'GMV',
          data: [],
          yAxisID: 'gmv',
          fill: true,
          borderWidth: 2,
          pointRadius: radiusOf,
          pointHitRadius: 8,
          segment: {
            borderDash: ({ p1DataIndex }) =>
              content().running && p1DataIndex === content().gmv.length - 1 ? [3, 4] : undefined,
          },
        },
        {
          label: 'Viewers',
          data: [],
          yAxisID: 'viewers',
          borderWidth: 1.5,
          pointRadius: radiusOf,
          pointHitRadius: 8,
          // A minute without a report is joined, a real silence is a hole.
          spanGaps: 5,
        },
      ],
    },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      normalized: true,
      interaction: { mode: 'nearest', axis: 'x', intersect: false },
      layout: { padding: { top: 4 } },
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
          // Room for the labels of pins above the highest minute.
          grace: '12%',
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
      plugins: {
        tooltip: {
          borderWidth: 1,
          padding: 10,
          displayColors: false,
          callbacks: {
            title: ([item]) => (item ? content().formatMinute(item.parsed.x ?? 0) : ''),
            label: ({ dataset, parsed }) => {
              const value = parsed.y ?? 0
              return dataset.yAxisID === 'gmv'
                ? `GMV ${content().formatMoney(value)}`
                : `Viewers ${content().formatCount(value)}`
            },
          },
        },
      },
    },
  }
}
