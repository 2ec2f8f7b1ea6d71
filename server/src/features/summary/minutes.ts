import { cellOf, lengthOf } from '@creatorflow/shared/columns'
import { exponentOf } from '@creatorflow/shared/currency'
import {
  type LiveEntry,
  MINUTE_MS,
  type PinMark,
  productName,
} from '@creatorflow/shared/live-state'
import { type MetricId, metricOf, seriesMetricIds } from '@creatorflow/shared/metrics'
import { type Recounting, recountingWords } from '@creatorflow/shared/recounting'
import { csvHeader, csvRows } from '../../http/csv.ts'
import type { Convention } from './queries.ts'

/** Sums meant to be divided: a spreadsheet gets the result. */
const onlyForAverages: ReadonlySet<MetricId> = new Set(['viewer_samples', 'viewer_sample_sum'])
const counted = seriesMetricIds.filter((id) => !onlyForAverages.has(id))

export const minuteColumns = [
  'minute',
  'local_time',
  'elapsed_minutes',
  'pinned',
  'average_viewers',
  ...counted,
] as const

/** Minutes written at once. */
const PORTION = 240

/** Text in the local time column for rows that are not a minute. */
const BEFORE_FIRST_REPORT = 'before the first report'

/**
 * A LIVE by minute as CSV: every minute from first to last, money in the creator's currency. Likes from
 * before the first report belong to no minute; they have their own row, so the column adds up. While late
 * events wait, the first row says so.
 */
export function* minuteLines(
  live: LiveEntry,
  convention: Convention,
  openingLikes = 0,
  recounting: Recounting | null = null,
): Generator<string> {
  yield csvHeader(minuteColumns)
  if (recounting) {
    const cells = counted.map(() => null)
    yield csvRows([[null, recountingWords(recounting), null, null, null, ...cells]])
  }
  if (openingLikes > 0) {
    const cells = counted.map((id) => (id === 'likes' ? openingLikes : 0))
    yield csvRows([[null, BEFORE_FIRST_REPORT, null, null, null, ...cells]])
  }
  const rows = minutesOf(live)
  const write = rowWriter(live, convention)
  for (let at = 0; at < rows.length; at += PORTION) {
    yield csvRows(rows.slice(at, at + PORTION).map(write))
  }
}

/** Epoch minutes from the start, or the first minute with events, to the end or the last one. */
function minutesOf(live: LiveEntry): number[] {
  const first = Math.floor(live.started_at / MINUTE_MS)
  const last = Math.max(
    Math.floor((live.ended_at ?? live.last_at) / MINUTE_MS),
    live.minutes_from + lengthOf(live.minutes) - 1,
    first,
  )
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

function rowWriter(live: LiveEntry, { currency, time_zone }: Convention) {
  const local = new Intl.DateTimeFormat('sv-SE', {
    timeZone: time_zone,
    dateStyle: 'short',
    timeStyle: 'short',
  })
  const minor = 10 ** exponentOf(currency)
  const start = Math.floor(live.started_at / MINUTE_MS)
  return (minute: number): (string | number | null)[] => {
    const cell = (id: MetricId) => cellOf(live.minutes, id, minute - live.minutes_from)
    const samples = cell('viewer_samples')
    return [
      new Date(minute * MINUTE_MS).toISOString(),
      local.format(minute * MINUTE_MS),
      minute - start,
      pinnedAt(live, (minute + 1) * MINUTE_MS),
      samples > 0 ? Math.round(cell('viewer_sample_sum') / samples) : null,
      ...counted.map((id) => {
        if (live.uncounted?.includes(id)) return null
        return metricOf(id).unit === 'money' ? cell(id) / minor : cell(id)
      }),
    ]
  }
}

/** The name of the product pinned right before a time; null if none was. */
function pinnedAt(live: LiveEntry, before: number): string | null {
  const mark: PinMark | undefined = live.pin_marks.findLast(({ ts }) => ts < before)
  const id = mark?.product_id
  if (id == null) return null
  return productName(live, id) ?? id
}
