import type { Database } from '@creatorflow/db/database'
import type { IncomingEvent } from '@creatorflow/shared/events'
import { type HistoryBucket, historyBuckets } from '@creatorflow/shared/features/history'
import type { LiveEntry, LiveState } from '@creatorflow/shared/live-state'
import { metricIds } from '@creatorflow/shared/metrics'
import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import { cellsById } from '@creatorflow/shared/test/cells'
import { createInProcessBus } from '../src/bus/in-process.ts'
import { silentLog } from '../src/core/log.ts'
import { serverTenant } from '../src/core/rights/authorize.ts'
import { createTelemetry } from '../src/core/telemetry.ts'
import { floorToWeek } from '../src/eventlog/marks.ts'
import { follow } from '../src/live/follow.ts'
import type { TestApp, TestCreator } from './harness.ts'
import { groupings } from './history-questions.ts'

export const RETENTION_DAYS = 30
const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

/** The mark up to which a run with these days drops. */
export const markOf = (now = Date.now()): number => floorToWeek(now - RETENTION_DAYS * DAY_MS)

/** LIVEs on both sides of the mark, one of them across it, each with its aftermath. `size`: how much happens. */
export function livesAroundMark(seed: number, size = 0.2): IncomingEvent[] {
  const mark = markOf()
  const starts = [-30 * DAY_MS, -8 * DAY_MS, -3 * MINUTE_MS, 2 * DAY_MS, 12 * DAY_MS]
  return starts
    .flatMap((start, n) => [
      ...simulateLive({
        seed: seed * 10 + n,
        sessionId: `live-${n}`,
        startAt: mark + start,
        durationMs: 6 * MINUTE_MS,
        rate: size,
        currency: 'USD',
        timeZone: 'Asia/Kolkata',
      }).events,
    ])
    .filter(({ ts }) => ts < Date.now())
    .sort((a, b) => a.ts - b.ts)
    .map((event, i) => ({
      ...event,
      ...(i % 3 > 0 && { channel: i % 3 === 1 ? 'tiktok' : 'shopify' }),
      ...(i % 4 > 0 && { traffic_source: ['feed', 'search', 'ads'][i % 4] ?? 'ads' }),
    }))
}

/** One metric of each kind: sum, opening, people, maximum, ratio, length. */
const kinds = [
  'gmv',
  'likes',
  'viewers',
  'new_customers',
  'peak_viewers',
  'aov',
  'average_viewing_duration',
]

/**
 * Questions to history, over ranges before, across and after the mark, with their answers: every metric by
 * day and in total, one of each kind by shorter buckets.
 */
export async function historyAnswers(
  app: TestApp,
  creator: TestCreator,
  metrics: readonly string[] = metricIds,
  buckets: readonly HistoryBucket[] = historyBuckets,
): Promise<Map<string, unknown[]>> {
  const mark = markOf()
  const iso = (ms: number) => new Date(ms).toISOString()
  const ranges = {
    '1m': [iso(mark - 10 * MINUTE_MS), iso(mark + 10 * MINUTE_MS)],
    '15m': [iso(mark - 60 * MINUTE_MS), iso(mark + 60 * MINUTE_MS)],
    '1h': [iso(mark - 8 * DAY_MS), iso(mark + 3 * DAY_MS)],
    '1d': [iso(mark - 32 * DAY_MS), iso(mark + 20 * DAY_MS)],
    total: [iso(mark - 31 * DAY_MS + 61_000), iso(mark + 13 * DAY_MS + 61_000)],
  } as const
  const answers = new Map<string, unknown[]>()
  for (const [m, metric] of metrics.entries()) {
    for (const [b, bucket] of buckets.entries()) {
      if (!['1d', 'total'].includes(bucket) && !kinds.includes(metric)) continue
      for (const by of groupings(m + b)) {
        const [from, to] = ranges[bucket]
        const query = new URLSearchParams({ from, to, bucket, ...(by && { by }) })
        const path = `/api/v1/creators/${creator.id}/metrics/${metric}?${query}`
        const { status, json } = await app.get(path, creator)
        const series = (json.series ?? []) as { key?: string; points: { at: string }[] }[]
        answers.set(`${metric} ${bucket} ${by}`, [
          { status, excluded: json.excluded },
          ...series.flatMap(({ key, points }) => points.map((point) => ({ key, ...point }))),
        ])
      }
    }
  }
  return answers
}

/** One LIVE by REST. */
export async function liveOf(app: TestApp, creator: TestCreator, id: string): Promise<LiveEntry> {
  const { status, json } = await app.get(`/api/v1/creators/${creator.id}/lives/${id}`, creator)
  if (status !== 200) throw new Error(`${id}: ${JSON.stringify(json)}`)
  return json.live
}

/** The state of a starting node; without checkpoints it starts at the base of the log. */
export async function freshState(database: Database, creatorId: string): Promise<LiveState> {
  const telemetry = createTelemetry()
  const log = silentLog()
  await using bus = createInProcessBus({ log, telemetry })
  await using follower = await follow({ database, bus, log, telemetry }, serverTenant(creatorId))
  return structuredClone(follower.state)
}

/** What no order of events changes: everything but series, recent happenings and names. */
export function withoutOrder(live: LiveEntry): object {
  const { minutes: _m, tens: _t, minutes_from: _f, tens_from: _g, outside: _o, ...counted } = live
  const { products, product_rows, product_names: _, pins, pin_rows, ...rest } = counted
  const { recent: _r, title: _n, ...same } = rest
  return { ...same, products: cellsById(products, product_rows), pins: cellsById(pins, pin_rows) }
}
