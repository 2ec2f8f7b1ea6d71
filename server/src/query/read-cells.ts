import type { TenantRead } from '@creatorflow/db/database'
import { raw, type Sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { type DimensionId, isTimeDimension } from '@creatorflow/shared/dimensions'
import { answerLimits } from '@creatorflow/shared/query'
import { viewerInputs } from '@creatorflow/shared/viewer-minutes'
import { AppError } from '../core/errors.ts'
import { readPauses } from '../eventlog/pauses.ts'
import { readViewerMinutes, type ViewerMinute } from '../eventlog/viewer-minutes.ts'
import {
  boundsOf,
  filtersSql,
  keyColumnsOf,
  peopleSql,
  type Reading,
  type SumRow,
  sumsSql,
} from './compile.ts'
import { cellFinder, type Frame, isEmpty, type TimeCell } from './frame.ts'
import { type FoundLive, onAirOf, selectLives } from './on-air.ts'
import {
  basesOfLog,
  type PeopleRow,
  readPeopleByDays,
  readPeopleByLive,
  typeOf,
  uncountedBases,
} from './people.ts'
import { type BaseValues, isByLive, type Plan, peopleAreByDays } from './reads.ts'

/** A plan over one range. */
export interface Part {
  readonly plan: Plan
  readonly frame: Frame
}

export type Key = string | number | null

export interface Cell {
  /** By the dimensions of the question, in its order. */
  readonly keys: readonly Key[]
  readonly bucket: number
  values: BaseValues
}

/** What a plan found: base values of every cell that has any, and the LIVEs in order of their start where it lists them. */
export interface Found {
  readonly cells: readonly Cell[]
  readonly lives: readonly FoundLive[] | undefined
  /** Likes that were there at the first report of their LIVE. */
  readonly opening: number
  readonly excluded: { readonly orders: number; readonly entries: number }
}

export interface Moment {
  /** Epoch ms. */
  readonly now: number
  /** What is older is no longer in the log. */
  readonly keptSince: number
}

/** Reads several plans of ranges that overlap: each dataset once, as far as they ask the same of it. What is too much is refused. */
export async function readCells(
  read: TenantRead,
  tenant: Tenant,
  parts: readonly Part[],
  moment: Moment,
): Promise<(Found | AppError)[]> {
  const refused = new Map<Part, AppError>()
  const left = () => parts.filter((part) => !isEmpty(part.frame.bounds) && !refused.has(part))
  const sums = await readSums(read, tenant, left())
  for (const [part, rows] of sums) {
    if (rows.length > answerLimits.points)
      refused.set(part, tooMuch(`${answerLimits.points} points`))
  }
  const lives = await readLives(read, tenant, left(), sums, moment)
  for (const [part, { tooMany }] of lives) {
    if (tooMany) refused.set(part, tooMuch(`${answerLimits.lives} LIVEs`))
  }
  const asked = left()
  const people = await readPeople(read, tenant, asked, sums, moment)
  const viewers = await readViewers(read, tenant, asked, moment)
  return parts.map((part) => {
    const reason = refused.get(part)
    if (reason) return reason
    const cells = cellsOf(part)
    const rows = sums.get(part) ?? []
    for (const { keys, cell, values } of rows) cells.add(keys, cell, values)
    for (const { id, keys, cell, people: count } of people.get(part) ?? []) {
      cells.add(keys, part.frame.cells[cell], { [id]: count })
    }
    for (const { keys, cell, values } of viewers.get(part) ?? []) cells.add(keys, cell, values)
    const { listed, facts = [] } = lives.get(part) ?? {}
    for (const { keys, cell, values } of facts) cells.add(keys, cell, values)
    const sum = (of: (row: SumRow) => number) => rows.reduce((all, { row }) => all + of(row), 0)
    return {
      cells: cells.all(),
      lives: listed,
      opening: sum(({ opening }) => opening),
      excluded: {
        orders: sum((row) => row.excluded_orders),
        entries: sum((row) => row.excluded_entries),
      },
    }
  })
}

interface Sum {
  readonly row: SumRow
  readonly keys: readonly (string | null)[]
  readonly cell: TimeCell | undefined
  readonly values: BaseValues
}
type ByPart<T> = Map<Part, T>

const readingOf = ({ plan, frame }: Part): Reading => ({
  shape: plan.shape,
  sums: plan.sums,
  frame,
  limit: answerLimits.points + 1,
})

const keysOf = (part: Part, row: { readonly [column: string]: unknown }) =>
  keyColumnsOf(part.plan.shape).map((_, n) => row[`k${n}`] as string | null)

async function readSums(
  read: TenantRead,
  tenant: Tenant,
  parts: readonly Part[],
): Promise<ByPart<Sum[]>> {
  const asked = parts.filter(({ plan }) => plan.sums.length > 0)
  const found: ByPart<Sum[]> = new Map(asked.map((part) => [part, []]))
  if (asked.length === 0) return found
  for (const row of await read.query<SumRow>(sumsSql(tenant, asked.map(readingOf)))) {
    const part = asked[row.question] as Part
    const values = Object.fromEntries(
      part.plan.sums.map(({ id }, n) => [id, row[`m${n}`] as number | null]),
    )
    found
      .get(part)
      ?.push({ row, keys: keysOf(part, row), cell: part.frame.cells[row.cell], values })
  }
  return found
}

async function readPeople(
  read: TenantRead,
  tenant: Tenant,
  parts: readonly Part[],
  sums: ByPart<Sum[]>,
  { now, keptSince }: Moment,
): Promise<ByPart<(PeopleRow & { id: string })[]>> {
  const found: ByPart<(PeopleRow & { id: string })[]> = new Map(parts.map((part) => [part, []]))
  const ofLog = Map.groupBy(
    parts.flatMap((part) => basesOfLog(part.plan).map((base) => ({ part, base }))),
    ({ base }) => typeOf(base),
  )
  for (const [type, asked] of ofLog) {
    const readings = asked.map(({ part }) => readingOf(part))
    type Row = { question: number; cell: number; people: number }
    for (const row of await read.query<Row>(peopleSql(tenant, readings, type))) {
      const { part, base } = asked[row.question] as (typeof asked)[number]
      found
        .get(part)
        ?.push({ id: base.id, keys: keysOf(part, row), cell: row.cell, people: row.people })
    }
  }
  for (const part of parts) {
    const { shape } = part.plan
    for (const base of uncountedBases(part.plan)) {
      const reading = readingOf(part)
      const firstSights = () =>
        new Map(
          (sums.get(part) ?? []).map(({ keys, values }) => [keys[0] ?? null, values[base.id] ?? 0]),
        )
      const rows = peopleAreByDays(shape)
        ? await readPeopleByDays(read, tenant, reading, base, now)
        : isByLive(shape) && shape.where.length === 0
          ? await readPeopleByLive(read, tenant, reading, base, firstSights(), keptSince)
          : []
      found.get(part)?.push(...rows.map((row) => ({ ...row, id: base.id })))
    }
  }
  return found
}

interface Values {
  readonly keys: readonly (string | null)[]
  readonly cell: TimeCell
  readonly values: BaseValues
}

/** What average viewers is made of, by keys and cell. */
async function readViewers(
  read: TenantRead,
  tenant: Tenant,
  parts: readonly Part[],
  { keptSince }: Moment,
): Promise<ByPart<Values[]>> {
  const found: ByPart<Values[]> = new Map()
  const known = new Map<string, Promise<ViewerMinute[]>>()
  const asked = parts.filter(({ plan }) => plan.viewers)
  const bounds = boundsOf(asked)
  for (const part of asked) {
    const { shape } = part.plan
    // A LIVE's minutes are its own; of a part of its reports they are that part's.
    const columns = keyColumnsOf(shape).filter((column) => column !== 'session_id')
    const where = filtersSql(shape)
    const name = JSON.stringify([columns, where.text, where.values])
    const minutes =
      known.get(name) ??
      readViewerMinutes(
        read,
        tenant,
        { since: bounds[0] ?? 0, before: bounds.at(-1) ?? 0 },
        keptSince,
        { key: namedBy(columns), where },
      )
    known.set(name, minutes)
    found.set(part, viewersIn(part, columns, await minutes))
  }
  return found
}

const namedBy = (columns: readonly string[]): Sql =>
  columns.length === 0 ? raw('null::text') : raw(`jsonb_build_array(${columns.join(', ')})::text`)

function viewersIn(
  { plan, frame }: Part,
  columns: readonly string[],
  minutes: readonly ViewerMinute[],
): Values[] {
  const cellAt = cellFinder(frame)
  const cells = new Map<string, { keys: (string | null)[]; cell: TimeCell; viewers: number[] }>()
  for (const { session_id, key, at, milli } of minutes) {
    const cell = cellAt(at)
    if (!cell) continue
    const named = key === null ? [] : (JSON.parse(key) as (string | null)[])
    const keys = keyColumnsOf(plan.shape).map((column) =>
      column === 'session_id' ? session_id : (named[columns.indexOf(column)] ?? null),
    )
    const name = JSON.stringify([keys, cell])
    const known = cells.get(name) ?? { keys, cell, viewers: [] }
    known.viewers.push(milli)
    cells.set(name, known)
  }
  return [...cells.values()].map(({ keys, cell, viewers }) => ({
    keys,
    cell,
    values: viewerInputs(viewers),
  }))
}

interface LivesOfPart {
  /** Those that a total by LIVE lists, in order of their start. */
  readonly listed: readonly FoundLive[] | undefined
  readonly facts: readonly Values[]
  readonly tooMany: boolean
}

async function readLives(
  read: TenantRead,
  tenant: Tenant,
  parts: readonly Part[],
  sums: ByPart<Sum[]>,
  { now, keptSince }: Moment,
): Promise<ByPart<LivesOfPart>> {
  const found: ByPart<LivesOfPart> = new Map()
  for (const part of parts) {
    const { plan, frame } = part
    const isListed = isByLive(plan.shape)
    if (!isListed && !plan.lives) continue
    const named = isListed
      ? (sums.get(part) ?? []).flatMap(({ keys: [key = null] }) => (key === null ? [] : [key]))
      : []
    const range = { since: frame.bounds[0] ?? 0, before: frame.bounds.at(-1) ?? 0 }
    const lives = await selectLives(read, tenant, range, named, plan.shape, answerLimits.lives + 1)
    const tooMany = lives.length > answerLimits.lives
    const facts =
      plan.lives && !tooMany ? await factsOf(read, tenant, part, lives, now, keptSince) : []
    found.set(part, { listed: isListed ? lives : undefined, facts, tooMany })
  }
  return found
}

async function factsOf(
  read: TenantRead,
  tenant: Tenant,
  { plan, frame }: Part,
  lives: readonly FoundLive[],
  now: number,
  keptSince: number,
): Promise<Values[]> {
  const sessions = lives.map(({ session_id }) => session_id)
  const pausesOf = await readPauses(read, tenant, sessions, keptSince)
  const bySession = plan.shape.by.includes('session')
  const cells = new Map<string, Values & { sessions: Set<string>; seconds: (number | null)[] }>()
  for (const { session_id, cell, seconds } of onAirOf(lives, pausesOf, frame, now)) {
    const keys = bySession ? [session_id] : []
    const name = JSON.stringify([keys, cell])
    const known = cells.get(name) ?? { keys, cell, values: {}, sessions: new Set(), seconds: [] }
    known.sessions.add(session_id)
    known.seconds.push(seconds)
    cells.set(name, known)
  }
  return [...cells.values()].map(({ keys, cell, sessions, seconds }) => ({
    keys,
    cell,
    values: {
      lives: sessions.size,
      live_seconds: seconds.includes(null)
        ? null
        : seconds.reduce<number>((all, one) => all + (one ?? 0), 0),
    },
  }))
}

/** Cells by their keys and bucket, in the order in which they are added. */
function cellsOf({ plan }: Part) {
  const cells = new Map<string, Cell>()
  return {
    all: () => [...cells.values()],
    add(columns: readonly (string | null)[], time: TimeCell | undefined, values: BaseValues) {
      if (!time) return
      const keys = keysInOrder(plan.shape.by, columns, time.keys)
      const name = JSON.stringify([keys, time.bucket])
      const known = cells.get(name)
      if (known) known.values = { ...known.values, ...values }
      else cells.set(name, { keys, bucket: time.bucket, values })
    },
  }
}

function keysInOrder(
  by: readonly DimensionId[],
  columns: readonly (string | null)[],
  times: readonly (string | number)[],
): Key[] {
  const [ofColumns, ofTimes] = [[...columns], [...times]]
  return by.map(
    (dimension) => (isTimeDimension(dimension) ? ofTimes.shift() : ofColumns.shift()) ?? null,
  )
}

/** Why an answer of more than that is refused. */
export function tooMuch(most: string): AppError {
  const message = `An answer holds at most ${most}: ask for a shorter range or longer buckets.`
  return new AppError('invalid_input', message, { details: { ...answerLimits } })
}
