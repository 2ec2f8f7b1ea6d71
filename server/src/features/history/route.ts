import type { TenantRead, TenantReads } from '@creatorflow/db/database'
import { raw } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Query, Reply } from '@creatorflow/shared/endpoint'
import { getHistory, historyLimits } from '@creatorflow/shared/features/history'
import { endOf } from '@creatorflow/shared/live-span'
import { isOfViewerMinutes, type MetricId, metricOf } from '@creatorflow/shared/metrics'
import { localDay, secondsOnAir } from '@creatorflow/shared/present'
import { viewerInputs } from '@creatorflow/shared/viewer-minutes'
import { AppError } from '../../core/errors.ts'
import { whileKept } from '../../eventlog/marks.ts'
import { readPauses } from '../../eventlog/pauses.ts'
import { readViewerMinutes } from '../../eventlog/viewer-minutes.ts'
import type { Routes } from '../../http/feature.ts'
import { readRecounting } from '../../pipeline/recount-notes.ts'
import {
  type BaseValues,
  byKey,
  greatestKeys,
  type HistoryQuestion,
  holdsOpening,
  isByLive,
  peopleAreSums,
  readingOf,
  readsOf,
  refusal,
} from './calculate.ts'
import { bucketBounds } from './local-time.ts'
import { readPeople, readPeopleByLive, uncounted, whyUncounted } from './people.ts'
import {
  columnOf,
  type HistoryCreator,
  type HistoryLive,
  type HistoryRow,
  type Reading,
  selectCreator,
  selectLives,
  selectSums,
} from './queries.ts'

const DAY_MS = 86_400_000

export function mountHistory({ router, answer }: Routes, database: TenantReads): void {
  answer(router, getHistory, ({ tenant, params, query }) =>
    readHistory(database, tenant, params.metric, query),
  )
}

/** Answers one question about the past; throws `invalid_input` with the reason when it has no answer. */
export async function readHistory(
  database: TenantReads,
  tenant: Tenant,
  metric: MetricId,
  query: Query<typeof getHistory>,
): Promise<Reply<typeof getHistory>> {
  const question: HistoryQuestion = {
    metric,
    bucket: query.bucket,
    by: query.by,
    limit: query.limit,
  }
  refuse(refusal(question))
  return whileKept(database, tenant, (keptSince) =>
    database.readAs(tenant, (read) => answerOf(read, tenant, question, query, keptSince)),
  )
}

async function answerOf(
  read: TenantRead,
  tenant: Tenant,
  question: HistoryQuestion,
  query: Query<typeof getHistory>,
  keptSince: number,
): Promise<Reply<typeof getHistory>> {
  const { metric } = question
  const creator = await selectCreator(read, tenant)
  if (!creator) throw new AppError('not_found', 'There is no such creator.')
  const bounds = boundsOf(question, query, creator)
  const summed = await readRows(read, tenant, question, bounds, creator, keptSince)
  const lives = isByLive(question) ? await livesOf(read, tenant, bounds, summed) : undefined
  const rows = lives
    ? await withSeconds(read, tenant, summed, lives, question, bounds, creator.now, keptSince)
    : summed
  const { name, definition, unit } = metricOf(metric)
  const sum = (column: string) => rows.reduce((all, row) => all + Number(row[column] ?? 0), 0)
  return {
    metric,
    name,
    definition,
    unit,
    currency: unit === 'money' ? creator.currency : null,
    time_zone: creator.time_zone,
    stage: 'estimate',
    at: creator.now.toISOString(),
    from: iso(bounds[0]),
    to: iso(bounds.at(-1)),
    bucket: query.bucket,
    by: query.by ?? null,
    before_first_report: holdsOpening(question) ? 0 : sum('opening'),
    excluded: { orders: sum('excluded_orders'), entries: sum('excluded_entries') },
    ...seriesOf(question, rows, bounds, creator, lives, keptSince),
    recounting: await readRecounting(read, tenant),
  }
}

function boundsOf(
  { bucket }: HistoryQuestion,
  query: { from: string; to: string },
  creator: { time_zone: string; now: Date },
): number[] {
  const from = Date.parse(query.from)
  const wanted = Date.parse(query.to)
  refuse(wanted > from ? undefined : '`to` must be after `from`.')
  const { rangeDays, buckets } = historyLimits
  if (wanted - from > rangeDays * DAY_MS) tooMuch(`${rangeDays} days`)
  // What has not begun has no zeros to show.
  const to = Math.min(wanted, creator.now.getTime() + 1)
  if (to <= from) return [from, from]
  const bounds = bucketBounds(bucket, from, to, creator.time_zone, buckets)
  if (bounds.length - 1 > buckets) tooMuch(`${buckets} buckets`)
  return bounds
}

async function readRows(
  read: TenantRead,
  tenant: Tenant,
  question: HistoryQuestion,
  bounds: readonly number[],
  creator: HistoryCreator,
  keptSince: number,
): Promise<HistoryRow[]> {
  const reads = readsOf(question)
  const limit = historyLimits.points + 1
  if (bounds[0] === bounds.at(-1) || reads.length === 0) return []
  const reading: Reading = { reads, by: question.by, bounds, limit }
  const rows = await selectSums(read, tenant, reading)
  if (rows.length >= limit) tooMuch(`${historyLimits.points} points`)
  for (const base of reads) {
    if (!base.people || peopleAreSums(question)) continue
    const people = isByLive(question)
      ? await readPeopleByLive(read, tenant, reading, base, rows, keptSince)
      : await readPeople(
          read,
          tenant,
          question,
          reading,
          base,
          creator.time_zone,
          creator.now.getTime(),
        )
    rows.push(...people)
  }
  if (isOfViewerMinutes(question.metric)) {
    rows.push(...(await viewerRows(read, tenant, reading, keptSince)))
  }
  return rows
}

/** The LIVEs on air in a range, and those that something in it belongs to. */
async function livesOf(
  read: TenantRead,
  tenant: Tenant,
  bounds: readonly number[],
  rows: readonly HistoryRow[],
): Promise<HistoryLive[]> {
  if (bounds[0] === bounds.at(-1)) return []
  const named = rows.flatMap(({ key }) => (key === null ? [] : [key]))
  const lives = await selectLives(read, tenant, bounds, named, historyLimits.lives + 1)
  if (lives.length > historyLimits.lives) tooMuch(`${historyLimits.lives} LIVEs`)
  return lives
}

/** What average viewers is made of, by key and bucket. */
async function viewerRows(
  read: TenantRead,
  tenant: Tenant,
  { by, bounds }: Reading,
  keptSince: number,
): Promise<HistoryRow[]> {
  const [since = 0, before = 0] = [bounds[0], bounds.at(-1)]
  const key = by && by !== 'session' ? { key: raw(columnOf[by]) } : {}
  const minutes = await readViewerMinutes(read, tenant, { since, before }, keptSince, key)
  const cells = new Map<string, { key: string | null; bucket: number; viewers: number[] }>()
  let bucket = 0
  for (const { session_id, key: named, at, milli } of minutes.sort((a, b) => a.at - b.at)) {
    while (at >= (bounds[bucket + 1] ?? Number.POSITIVE_INFINITY)) bucket++
    const key = by === 'session' ? session_id : named
    const name = JSON.stringify([key, bucket])
    const cell = cells.get(name) ?? { key, bucket, viewers: [] }
    cell.viewers.push(milli)
    cells.set(name, cell)
  }
  return [...cells.values()].map(({ key, bucket, viewers }) => ({
    key,
    bucket,
    ...viewerInputs(viewers),
  }))
}

/** Adds the time on air of each LIVE within the range where a metric is derived from it. */
async function withSeconds(
  read: TenantRead,
  tenant: Tenant,
  rows: readonly HistoryRow[],
  lives: readonly HistoryLive[],
  question: HistoryQuestion,
  [from = 0, to = 0]: readonly number[],
  now: Date,
  keptSince: number,
): Promise<HistoryRow[]> {
  const metric = metricOf(question.metric)
  if (metric.merge !== 'derived' || !metric.derive.times?.includes('live_seconds')) return [...rows]
  const sessions = lives.map(({ session_id }) => session_id)
  const pausesOf = await readPauses(read, tenant, sessions, keptSince)
  return rows.map((row) => {
    const live = lives.find(({ session_id }) => session_id === row.key)
    if (!live) return row
    const span = { ended_at: live.ended_at?.getTime() ?? null, last_at: live.last_at.getTime() }
    const started_at = Math.max(live.started_at.getTime(), from)
    const until = Math.min(endOf({ ...span, started_at }, now.getTime()) ?? now.getTime(), to)
    return {
      ...row,
      live_seconds: secondsOnAir({ ...pausesOf(live.session_id), started_at }, until),
    }
  })
}

function seriesOf(
  question: HistoryQuestion,
  rows: readonly HistoryRow[],
  bounds: readonly number[],
  creator: HistoryCreator,
  lives: readonly HistoryLive[] | undefined,
  keptSince: number,
): Pick<Reply<typeof getHistory>, 'series' | 'left_out'> {
  const { metric, bucket, by, limit } = question
  const starts = bounds[0] === bounds.at(-1) ? [] : bounds.slice(0, -1)
  const groups = lives?.map((live): string | null => live.session_id) ?? (by ? [] : [null])
  const cells = new Map(groups.map((key) => [key, new Map<number, BaseValues>()]))
  // What belongs to no LIVE has no number of one LIVE.
  const ofLivesAlone = lives !== undefined && !metricOf(metric).scopes.includes('day')
  for (const { key, bucket: index, ...values } of rows) {
    if (key === null && ofLivesAlone) continue
    const buckets = cells.get(key) ?? new Map<number, BaseValues>()
    cells.set(key, buckets)
    buckets.set(index, { ...buckets.get(index), ...(values as BaseValues) })
  }
  const told = new Set(
    limit === undefined ? cells.keys() : greatestKeys(question, readsOf(question), cells),
  )
  if (told.size * starts.length > historyLimits.points) tooMuch(`${historyLimits.points} points`)
  const reason = creator.is_partial
    ? whyUncounted(question, bounds, creator.time_zone, creator.now.getTime(), keptSince)
    : undefined
  const keys = [...cells.keys()].filter((key) => told.has(key))
  // With a limit those with most come first; LIVEs come in order of their start, with the rest last.
  const ordered = limit !== undefined ? [...told] : lives ? keys : keys.sort(byKey)
  const people = readsOf(question).filter((base) => base.people)
  const pointOf = (at: number, cell: BaseValues) => {
    if (reason !== undefined && at < keptSince) return { value: null, reason }
    if (people.some(({ id }) => cell[id] === null)) return { value: null, reason: uncounted }
    return readingOf(metric, cell)
  }
  const series = ordered.map((key) => ({
    ...(by && { key }),
    points: starts.map((at, index) => ({
      at: iso(at),
      ...(bucket === '1d' && { day: localDay(at, creator.time_zone) }),
      ...pointOf(at, cells.get(key)?.get(index) ?? {}),
    })),
  }))
  return { series, left_out: cells.size - keys.length }
}

function refuse(reason: string | undefined): void {
  if (reason !== undefined) throw new AppError('invalid_input', reason)
}

function tooMuch(most: string): never {
  throw new AppError(
    'invalid_input',
    `An answer holds at most ${most}: ask for a shorter range or longer buckets.`,
    { details: { ...historyLimits } },
  )
}

const iso = (ms: number | undefined): string => new Date(ms ?? 0).toISOString()
