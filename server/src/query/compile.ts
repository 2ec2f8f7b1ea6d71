import { incrementColumns, levelColumns } from '@creatorflow/db/aggregates'
import { join, raw, type Sql, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { columnIn, isTimeDimension } from '@creatorflow/shared/dimensions'
import type { QueryFilter } from '@creatorflow/shared/query'
import { type HistoryMarks, historyRows } from '../eventlog/history.ts'
import type { Frame } from './frame.ts'
import type { BaseRead, Shape } from './reads.ts'
import { iso, piecesOf } from './sources.ts'

/** Why a range of events is read: sums of `sums` by the cells of `frame` and columns of the log. */
export interface Reading {
  readonly shape: Pick<Shape, 'by' | 'where'>
  readonly sums: readonly BaseRead[]
  readonly frame: Frame
  /** More rows than this are not read. */
  readonly limit: number
}

/** A row of sums: `question` names the reading, `k0` to `k2` are keys, `m0` … the values of its base metrics. */
export interface SumRow {
  readonly question: number
  readonly cell: number
  readonly opening: number
  readonly excluded_orders: number
  readonly excluded_entries: number
  readonly [column: string]: number | string | null
}

/** Columns of the log's sums, summed again. */
const summed = (isNeeded: (column: string) => boolean) =>
  raw(
    [
      ...incrementColumns.filter(isNeeded).map((column) => `sum(${column})::bigint as ${column}`),
      ...levelColumns.filter(isNeeded).map((column) => `max(${column}) as ${column}`),
    ].join(', '),
  )
const wholeColumns = summed(() => true)

function neededColumns(readings: readonly Pick<Reading, 'sums'>[]): Sql {
  const named = readings.flatMap(({ sums }) =>
    sums.flatMap(({ feeds }) => feeds.flatMap(({ columns }): string[] => [...columns])),
  )
  const needed = new Set(['rows', 'opening', 'excluded', ...named])
  return summed((column) => needed.has(column))
}

/** A column as in the log's rows. */
const columnSql = (column: string) => (column === 'counted_rows' ? '(rows - excluded)' : column)

/** The columns of the log a question is split by, in its order. */
export const keyColumnsOf = ({ by }: Pick<Shape, 'by'>): string[] =>
  by.flatMap((dimension) => columnIn('event', dimension) ?? [])

/**
 * Sums and maxima of several readings, exact at the moment of the statement. The log and its aggregates are
 * read once: what several readings share is first summed by everything that any of them distinguishes.
 */
export function sumsSql(tenant: Tenant, readings: readonly Reading[], marks: HistoryMarks): Sql {
  const bounds = boundsOf(readings)
  const rows = historyRows(tenant, piecesOf(bounds), marks, typesOf(readings))
  const slotted = sql`
    select h.*, width_bucket(h.bucket, ${bounds.map(iso)}::timestamptz[]) as slot
    from (${rows}) h`
  const width = Math.max(...readings.map(({ sums }) => sums.length))
  const branches = (from: Sql) =>
    join(
      readings.map((reading, n) => sql`(${branchSql(reading, n, bounds, width, from)})`),
      ' union all ',
    )
  if (readings.length === 1) return branches(sql`(${slotted}) base`)
  return sql`
    with base as materialized (
      select ${join([...told(readings), raw('type'), raw('slot')])}, ${neededColumns(readings)}
      from (${slotted}) s group by ${raw(keyPlaces(columnsOf(readings).length + 2))}
    ) ${branches(raw('base'))}`
}

/** The columns of the log that readings distinguish, each only for the event types of those readings. */
function told(readings: readonly Reading[]): Sql[] {
  const types = typesOf(readings)
  return columnsOf(readings).map((column) => {
    const apart = typesOf(readings.filter((reading) => columnsOf([reading]).includes(column)))
    if (apart.length === types.length) return raw(column)
    return sql`case when type = any(${apart}::text[]) then ${raw(column)} end as ${raw(column)}`
  })
}

const keyPlaces = (count: number) => Array.from({ length: count }, (_, at) => at + 1).join(', ')

function branchSql(
  { shape, sums, frame, limit }: Reading,
  n: number,
  bounds: readonly number[],
  width: number,
  from: Sql,
): Sql {
  const values = Array.from({ length: width }, (_, at) => {
    const read = sums[at]
    return sql`${read ? aggregated(read) : raw('null::bigint')} as ${raw(`m${at}`)}`
  })
  return sql`
    select ${raw(String(n))} as question, ${keysSql(shape)}, ${cellSql(frame, bounds)} as cell,
      ${join([...values, raw('')])} sum(opening)::bigint as opening,
      coalesce(sum(excluded) filter (where type = 'payment_completed'), 0)::bigint as excluded_orders,
      coalesce(sum(excluded) filter (where type not in ('payment_completed', 'viewer_count')), 0)::bigint as excluded_entries
    from ${from}
    where type = any(${typesOf([{ sums }])}::text[]) ${filtersSql(shape)} ${cellFilter(frame, bounds)}
    group by ${keyNumbers} limit ${limit}::int`
}

/** The keys and the cell of a branch by position: three keys after the number of the question. */
const keyNumbers = raw('2, 3, 4, 5')

function keysSql(shape: Pick<Shape, 'by'>): Sql {
  const columns = keyColumnsOf(shape)
  return raw([0, 1, 2].map((at) => `${columns[at] ?? 'null::text'} as k${at}`).join(', '))
}

/** The cell of a slot; the slots are those between `bounds`, which may be more than the frame has. */
function cellSql(frame: Frame, bounds: readonly number[]): Sql {
  const cells = cellsOfSlots(frame, bounds)
  if (isPlain(cells)) return raw('slot - 1')
  return sql`(${cells}::int[])[slot]`
}

function cellFilter(frame: Frame, bounds: readonly number[]): Sql {
  const cells = cellsOfSlots(frame, bounds)
  return cells.includes(NOWHERE) ? sql`and (${cells}::int[])[slot] <> ${NOWHERE}::int` : raw('')
}

/** For a slot without a cell. */
const NOWHERE = -1

const isPlain = (cells: readonly number[]) => cells.every((cell, slot) => cell === slot)

function cellsOfSlots(frame: Frame, bounds: readonly number[]): number[] {
  let own = -1
  return bounds.slice(0, -1).map((at) => {
    while (at >= (frame.bounds[own + 1] ?? Number.POSITIVE_INFINITY)) own++
    return frame.cellOf[own] ?? NOWHERE
  })
}

function aggregated({ max, feeds }: BaseRead): Sql {
  const parts = feeds.map(({ type, columns }) => {
    const value = columns.length > 0 ? columns.map(columnSql).join(' + ') : '0'
    return sql`${raw(max ? 'max' : 'sum')}(${raw(value)}) filter (where type = ${type})`
  })
  const whole = max
    ? sql`greatest(${join(parts)})`
    : join(
        parts.map((part) => sql`coalesce(${part}, 0)`),
        ' + ',
      )
  return sql`(${whole})::bigint`
}

/** The filters by columns of the log, each with a leading `and`. */
export function filtersSql({ where }: Pick<Shape, 'where'>): Sql {
  const conditions = where.flatMap((filter) => {
    const column = columnIn('event', filter.dimension)
    return column === undefined || isTimeDimension(filter.dimension)
      ? []
      : [sql`and ${conditionSql(filter, raw(column))}`]
  })
  return join(conditions, ' ')
}

function conditionSql({ op, values }: QueryFilter, column: Sql): Sql {
  if (op === 'set') return sql`${column} is not null`
  const named = values.filter((value) => value !== null).map(String)
  if (op === 'contains') {
    const parts = named.map((part) => sql`position(lower(${part}) in lower(${column})) > 0`)
    return sql`(${join(parts, ' or ')})`
  }
  const isIn = sql`${column} = any(${named}::text[])`
  if (op === 'in') return values.includes(null) ? sql`(${isIn} or ${column} is null)` : isIn
  const isOut = sql`${column} <> all(${named}::text[])`
  return values.includes(null) ? isOut : sql`(${isOut} or ${column} is null)`
}

/** Distinct people of several readings by their cells, from the log: their parts do not add up. */
export function peopleSql({ creatorId }: Tenant, readings: readonly Reading[], type: string): Sql {
  const bounds = boundsOf(readings)
  const slotted = sql`
    select *, width_bucket(ts, ${bounds.map(iso)}::timestamptz[]) as slot, ${raw(personColumn(type))} as person
    from events
    where creator_id = ${creatorId} and ts >= ${iso(bounds[0])}::timestamptz
      and ts < ${iso(bounds.at(-1))}::timestamptz and type = ${type}`
  const branch = ({ shape, frame, limit }: Reading, n: number, from: Sql) => sql`
    (select ${raw(String(n))} as question, ${keysSql(shape)}, ${cellSql(frame, bounds)} as cell,
      count(distinct person)::bigint as people
    from ${from} where true ${filtersSql(shape)} ${cellFilter(frame, bounds)}
    group by ${keyNumbers} limit ${limit}::int)`
  const branches = (from: Sql) =>
    join(
      readings.map((reading, n) => branch(reading, n, from)),
      ' union all ',
    )
  if (readings.length === 1) return branches(sql`(${slotted}) base`)
  const keys = raw([...columnsOf(readings), 'slot', 'person'].join(', '))
  return sql`with base as materialized (select distinct ${keys} from (${slotted}) s) ${branches(raw('base'))}`
}

/** The subject of each type's first sight. */
export const personColumn = (type: string): string =>
  type === 'viewer_joined' ? 'user_id' : 'customer_id'

/** Every bound of any reading, in order. */
export function boundsOf(readings: readonly Pick<Reading, 'frame'>[]): number[] {
  const all = new Set(readings.flatMap(({ frame }) => frame.bounds))
  return [...all].sort((a, b) => a - b)
}

/** The event types of the readings. */
export const typesOf = (readings: readonly Pick<Reading, 'sums'>[]): string[] => [
  ...new Set(
    readings.flatMap(({ sums }) => sums.flatMap(({ feeds }) => feeds.map(({ type }) => type))),
  ),
]

/** The columns of the log by which any reading is split or filtered. */
function columnsOf(readings: readonly Reading[]): string[] {
  const named = readings.flatMap(({ shape: { by, where } }) => [
    ...by,
    ...where.map(({ dimension }) => dimension),
  ])
  return [...new Set(named.flatMap((dimension) => columnIn('event', dimension) ?? []))]
}

/** What the events of each type added between `bounds` of whole minutes, column by column. */
export function columnsSql(
  tenant: Tenant,
  where: Shape['where'],
  range: { readonly since: number; readonly before: number },
  marks: HistoryMarks,
): Sql {
  const rows = historyRows(tenant, [{ level: '1m', ...range }], marks)
  return sql`
    select bucket, type, ${wholeColumns}, sum(${raw(columnSql('counted_rows'))})::bigint as counted_rows
    from (${rows}) h where true ${filtersSql({ where })}
    group by 1, 2`
}
