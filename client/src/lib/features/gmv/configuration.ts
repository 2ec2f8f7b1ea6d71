import { MINUTE_MS } from '@creatorflow/shared/live-state'
import type { ChartConfiguration, Plugin } from 'chart.js'
import { minuteTicks } from '#lib/charts/series.ts'
import { CHART_FONT, CHART_FONT_PIXELS } from '#lib/charts/theme.ts'
import { m } from '#messages'
import type { GmvChartContent } from './content.ts'
import type { AxisArea } from './markers.ts'

const PIXELS_PER_TICK = 90

/** Above the plot: the lane of the marks. */
export const LANE_PIXELS = 34

const line = { yAxisID: 'gmv', pointRadius: 0, borderWidth: 0 } as const

/** What chart.js is told once; everything that changes is read from `content` or set while drawing. */
export function configurationOf(
  content: () => GmvChartContent,
  placed: (area: AxisArea) => void,
): ChartConfiguration<'line'> {
  const ticks = { font: { family: CHART_FONT, size: CHART_FONT_PIXELS }, maxTicksLimit: 5 }
  return {
    type: 'line',
    plugins: [placing(placed)],
    data: {
      // The first lies over all others; the third is the bars (BARS_DATASET).
      datasets: [
        { ...line, label: m.gmv_last_live(), data: [], borderWidth: 1.5, borderDash: [5, 4] },
        { ...line, label: m.gmv_goal(), data: [], borderWidth: 1.5, borderDash: [2, 3] },
        { ...line, label: m.gmv_gmv(), data: [], borderWidth: 2, fill: 'origin' },
        {
          ...line,
          label: m.gmv_running(),
          data: [],
          borderWidth: 2,
          borderDash: [3, 4],
          fill: 'origin',
        },
        {
          label: m.gmv_viewers(),
          data: [],
          yAxisID: 'viewers',
          pointRadius: 0,
          borderWidth: 2,
          fill: 'origin',
          // A minute without a report is joined, a real silence is a hole.
          spanGaps: 5,
        },
        // The middle half: from the upper quartile to the dataset after it, the lower one.
        { ...line, label: m.gmv_high(), data: [], fill: '+1' },
        { ...line, label: m.gmv_low(), data: [] },
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
      layout: { padding: { top: LANE_PIXELS } },
      scales: scalesOf(content, ticks),
    },
  }
}

function scalesOf(
  content: () => GmvChartContent,
  ticks: object,
): NonNullable<NonNullable<ChartConfiguration<'line'>['options']>['scales']> {
  return {
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
      grace: '10%',
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
  }
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
