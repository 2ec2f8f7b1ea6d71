import type { DimensionId } from '@creatorflow/shared/dimensions'
import { isLiveFact, type MeasureId, measureOf } from '@creatorflow/shared/live-facts'
import { basesOf } from '@creatorflow/shared/metrics'
import { localDay } from '@creatorflow/shared/present'
import { type Answer, answerLimits, type Question } from '@creatorflow/shared/query'
import { isOfDates } from './frame.ts'
import { holdsOpening, isOfOneLive, isOfPeople, rankedBy } from './pairs.ts'
import { type Found, type Key, type Moment, type Part, tooMuch } from './parts.ts'
import { uncounted, whyUncounted } from './people.ts'
import { type BaseValues, maximaOf, merged, readingOf } from './reads.ts'

/** One combination of keys with its cells by bucket. */
export interface Row {
  readonly keys: readonly Key[]
  readonly cells: ReadonlyMap<number, BaseValues>
}

/** The result of a part of a question. */
export interface FoundPart {
  readonly part: Part
  readonly found: Found
}

export interface Creator {
  readonly time_zone: string
  readonly currency: string
  /** Whether some of its events were dropped. */
  readonly is_partial: boolean
}

type Cells = Pick<Answer['rows'][number], 'values' | 'reasons' | 'before'>

/** The rows found: by keys, and LIVEs of a total in order of their start, including those on air without events. */
export function rowsOf({ part, found }: FoundPart): Row[] {
  const { by, metrics: ids } = part.plan.shape
  const rows = new Map<string, { keys: readonly Key[]; cells: Map<number, BaseValues> }>()
  const rowOf = (keys: readonly Key[]) => {
    const name = JSON.stringify(keys)
    const row = rows.get(name) ?? { keys, cells: new Map() }
    rows.set(name, row)
    return row
  }
  if (by.length === 0) rowOf([])
  for (const { session_id } of found.lives ?? []) rowOf([session_id])
  // Events without a LIVE have no numbers of one LIVE.
  const ofLivesAlone = ids.every(isOfOneLive)
  for (const { keys, bucket, values } of found.cells) {
    if (ofLivesAlone && keys[0] === null) continue
    rowOf(keys).cells.set(bucket, values)
  }
  const all = [...rows.values()]
  return found.lives ? all : all.sort((a, b) => byKeys(a.keys, b.keys))
}

/** Rows without a value come last. */
function byKeys(a: readonly Key[], b: readonly Key[]): number {
  for (const [n, key = null] of a.entries()) {
    const order = byKey(key, b[n] ?? null)
    if (order !== 0) return order
  }
  return 0
}

function byKey(a: Key, b: Key): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  return a < b ? -1 : a > b ? 1 : 0
}

/** Rows in the question's order, those within the limit apart from the others. */
export function orderedRows(
  question: Question,
  rows: readonly Row[],
  part: Part,
): { told: readonly Row[]; others: readonly Row[] } {
  const { order, by, limit = rows.length } = question
  const metric = rankedBy(question)
  const sign = (order?.direction ?? 'desc') === 'desc' ? -1 : 1
  const at = order ? by.indexOf(order.by as DimensionId) : -1
  let ordered = rows
  if (metric !== undefined) {
    const rankOf = (row: Row) => readingOf(metric, wholeOf([row], part)).value
    ordered = rows
      .map((row) => ({ row, value: rankOf(row) ?? sign * Number.POSITIVE_INFINITY }))
      .sort((a, b) => byValue(a.value, b.value, sign) || byKeys(a.row.keys, b.row.keys))
      .map(({ row }) => row)
  } else if (at >= 0) {
    const keyOf = (row: Row) => row.keys[at] ?? null
    ordered = [...rows].sort((a, b) => {
      const [first, second] = [keyOf(a), keyOf(b)]
      const isNone = first === null || second === null
      return (isNone ? 1 : sign) * byKey(first, second) || byKeys(a.keys, b.keys)
    })
  }
  return { told: ordered.slice(0, limit), others: ordered.slice(limit) }
}

const byValue = (a: number, b: number, sign: number): number => (a === b ? 0 : sign * (a - b))

/** Base values of rows over all of their buckets. */
function wholeOf(rows: readonly Row[], { plan }: Part): BaseValues {
  const maxima = maximaOf(plan)
  return rows
    .flatMap(({ cells }) => [...cells.values()])
    .reduce<BaseValues>((whole, values) => merged(whole, values, maxima), {})
}

/** Several rows as one, bucket by bucket. */
function joinedRow(rows: readonly Row[], { plan }: Part): Row {
  const maxima = maximaOf(plan)
  const cells = new Map<number, BaseValues>()
  for (const row of rows) {
    for (const [bucket, values] of row.cells) {
      cells.set(bucket, merged(cells.get(bucket) ?? {}, values, maxima))
    }
  }
  return { keys: [], cells }
}

/** Reads a metric's value in a cell, with the reason if there is none. */
export function cellReader(part: Part, creator: Creator, { now, keptSince }: Moment) {
  const people = part.plan.sums.filter((base) => base.people).map(({ id }) => id)
  const reason = creator.is_partial
    ? whyUncounted(part.plan, part.frame, now, keptSince)
    : undefined
  return (id: MeasureId, bucket: number, values: BaseValues) => {
    const own = isLiveFact(id) ? [] : people.filter((base) => basesOf(id).includes(base))
    const at = part.frame.starts[bucket] ?? 0
    if (own.length > 0 && reason !== undefined && at < keptSince) return { value: null, reason }
    if (own.some((base) => values[base] === null)) return { value: null, reason: uncounted }
    return readingOf(id, values)
  }
}

type ReadCell = ReturnType<typeof cellReader>

function cellsOf(row: Row, ids: readonly MeasureId[], buckets: number, read: ReadCell): Cells {
  const values: Cells['values'] = {}
  const reasons: NonNullable<Cells['reasons']> = {}
  for (const id of ids) {
    const readings = Array.from({ length: buckets }, (_, n) => read(id, n, row.cells.get(n) ?? {}))
    values[id] = readings.map(({ value }) => value)
    if (readings.some(({ value }) => value === null)) {
      reasons[id] = readings.map(({ reason }) => reason ?? null)
    }
  }
  return { values, ...(Object.keys(reasons).length > 0 && { reasons }) }
}

/** The answer to a question from the results of its range and of the one compared with. */
export function assemble(
  question: Question,
  current: FoundPart,
  before: FoundPart | undefined,
  creator: Creator,
  moment: Moment,
  seq: number,
): Answer {
  const { metrics: ids, by, bucket } = question
  const { part, found } = current
  const { starts, bounds } = part.frame
  const earlier = new Map(
    (before ? rowsOf(before) : []).map((row) => [JSON.stringify(row.keys), row]),
  )
  const rows = rowsOf(current)
  const known = new Set(rows.map(({ keys }) => JSON.stringify(keys)))
  const gone = [...earlier.values()].filter(({ keys }) => !known.has(JSON.stringify(keys)))
  const whole = [...rows, ...gone.map(({ keys }) => ({ keys, cells: new Map() }))]
  if (!found.lives) whole.sort((a, b) => byKeys(a.keys, b.keys))
  const { told, others } = orderedRows(question, whole, part)
  if (told.length * starts.length * ids.length > answerLimits.points) {
    throw tooMuch(`${answerLimits.points} points`)
  }
  const read = cellReader(part, creator, moment)
  const readBefore = before && cellReader(before.part, creator, moment)
  const cells = (row: Row, was: Row | undefined): Cells => ({
    ...cellsOf(row, ids, starts.length, read),
    ...(readBefore && {
      before: cellsOf(was ?? { keys: [], cells: new Map() }, ids, starts.length, readBefore).values,
    }),
  })
  const wasOf = ({ keys }: Row) => earlier.get(JSON.stringify(keys))
  const range = ({ bounds }: Part['frame']) => ({ from: iso(bounds[0]), to: iso(bounds.at(-1)) })
  return {
    as_of: { seq, at: iso(moment.now) },
    time_zone: creator.time_zone,
    range: { from: iso(bounds[0]), to: iso(bounds.at(-1)) },
    compared: before ? range(before.part.frame) : null,
    metrics: ids.map((id) => describe(id, creator)),
    by: [...by],
    bucket,
    buckets: starts.map((at) => ({
      at: iso(at),
      ...(isOfDates(bucket) && { day: localDay(at, creator.time_zone) }),
    })),
    rows: told.map((row) => ({ keys: [...row.keys], ...cells(row, wasOf(row)) })),
    other: others.length > 0 ? otherOf() : null,
    before_first_report: holdsOpening(question) ? 0 : found.opening,
    excluded: { ...found.excluded },
  }

  function otherOf(): NonNullable<Answer['other']> {
    const was =
      before &&
      joinedRow(
        others.flatMap((row) => wasOf(row) ?? []),
        before.part,
      )
    const { values, reasons, before: earlierValues } = cells(joinedRow(others, part), was)
    for (const id of ids.filter(isOfPeople)) {
      values[id] = starts.map(() => null)
      if (earlierValues) earlierValues[id] = starts.map(() => null)
    }
    const distinct = Object.fromEntries(
      ids.filter(isOfPeople).map((id) => [id, starts.map(() => notAdded)]),
    )
    const all = { ...reasons, ...distinct }
    return {
      rows: others.length,
      values,
      ...(Object.keys(all).length > 0 && { reasons: all }),
      ...(earlierValues && { before: earlierValues }),
    }
  }
}

const notAdded = 'rows of distinct people or LIVEs do not add up'

function describe(id: MeasureId, { currency }: Creator): Answer['metrics'][number] {
  const { name, unit } = measureOf(id)
  return { id, name, unit, currency: unit === 'money' ? currency : null, stage: 'estimate' }
}

const iso = (ms: number | undefined): string => new Date(ms ?? 0).toISOString()
