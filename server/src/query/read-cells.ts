import type { TenantRead } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import { type DimensionId, isTimeDimension } from '@creatorflow/shared/dimensions'
import { answerLimits } from '@creatorflow/shared/query'
import type { AppError } from '../core/errors.ts'
import { type HistoryMarks, readHistoryMarks } from '../eventlog/history.ts'
import { peopleSql } from './compile.ts'
import { isEmpty, type TimeCell } from './frame.ts'
import {
  type ByPart,
  type Cell,
  type Found,
  type Key,
  keysOf,
  type Moment,
  type Part,
  readingOf,
  tooMuch,
} from './parts.ts'
import {
  basesOfLog,
  type PeopleRow,
  readPeopleByDays,
  readPeopleByLive,
  typeOf,
  uncountedBases,
} from './people.ts'
import { pausesReader, readLives, readViewers } from './read-lives.ts'
import { readSums, type Sum } from './read-sums.ts'
import { type BaseValues, isByLive, peopleAreByDays } from './reads.ts'

/**
 * Reads several plans of overlapping ranges: each dataset once, as far as they need the same. Refuses what is
 * too much.
 */
export async function readCells(
  read: TenantRead,
  tenant: Tenant,
  parts: readonly Part[],
  moment: Moment,
): Promise<(Found | AppError)[]> {
  const refused = new Map<Part, AppError>()
  const left = () => parts.filter((part) => !isEmpty(part.frame.bounds) && !refused.has(part))
  const marks = await readHistoryMarks(read, tenant)
  const sums = await readSums(read, tenant, left(), marks)
  for (const [part, rows] of sums) {
    if (rows.length > answerLimits.points)
      refused.set(part, tooMuch(`${answerLimits.points} points`))
  }
  const pausesOf = pausesReader(read, tenant, moment)
  const lives = await readLives(read, tenant, left(), sums, pausesOf, moment)
  for (const [part, { tooMany }] of lives) {
    if (tooMany) refused.set(part, tooMuch(`${answerLimits.lives} LIVEs`))
  }
  const asked = left()
  const people = await readPeople(read, tenant, asked, sums, moment, marks)
  const viewers = await readViewers(read, tenant, asked, pausesOf, marks)
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
    const sum = (of: 'opening' | 'orders' | 'entries') =>
      rows.reduce((all, row) => all + row[of], 0)
    return {
      cells: cells.all(),
      lives: listed,
      opening: sum('opening'),
      excluded: { orders: sum('orders'), entries: sum('entries') },
    }
  })
}

async function readPeople(
  read: TenantRead,
  tenant: Tenant,
  parts: readonly Part[],
  sums: ByPart<Sum[]>,
  { now, keptSince }: Moment,
  marks: HistoryMarks,
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
          ? await readPeopleByLive(read, tenant, reading, base, firstSights(), keptSince, marks)
          : []
      found.get(part)?.push(...rows.map((row) => ({ ...row, id: base.id })))
    }
  }
  return found
}

/** Cells by their keys and bucket, in insertion order. */
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
