import type { MinuteRange, Series } from '@creatorflow/shared/insights/by-minute'
import type { ChartColours } from '#lib/charts/theme.ts'
import type { ThresholdLine } from '#lib/charts/thresholds.ts'
import type { TimeBand, TimeLine } from '#lib/charts/time-marks.ts'
import type { Ghost, Measure } from './ghost.ts'

/** What the chart of GMV shows at one moment. */
export interface GmvChartContent {
  readonly measure: Measure
  readonly range: MinuteRange
  /** Of each minute, or up to its end. */
  readonly gmv: readonly number[]
  readonly viewers: Series
  /** The first minute is the one in which the LIVE began. */
  readonly startsAtZero: boolean
  readonly ghost: Ghost
  /** What the LIVE is to reach, minor units; drawn over sums. */
  readonly goal: number | null
  /** Of alert rules that watch what is drawn. */
  readonly thresholds: readonly ThresholdLine[]
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
