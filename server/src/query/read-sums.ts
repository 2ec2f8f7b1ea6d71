import type { TenantRead } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import { type Reading, type SumRow, sumsSql, typesOf } from './compile.ts'
import type { TimeCell } from './frame.ts'
import { type ByPart, keysOf, type Part, readingOf } from './parts.ts'
import { type BaseValues, maximaOf, merged } from './reads.ts'

/** What the log sums to in one cell. */
export interface Sum {
  readonly opening: number
  readonly orders: number
  readonly entries: number
  readonly keys: readonly (string | null)[]
  readonly cell: TimeCell | undefined
  readonly values: BaseValues
}

/** Each type of event is read once, apart from what other questions ask, for all parts that are of it. */
export async function readSums(
  read: TenantRead,
  tenant: Tenant,
  parts: readonly Part[],
): Promise<ByPart<Sum[]>> {
  const found = new Map(parts.map((part) => [part, new Map<string, Sum>()]))
  for (const asked of readingsByTypes(parts)) {
    const readings = asked.map(({ reading }) => reading)
    for (const row of await read.query<SumRow>(sumsSql(tenant, readings))) {
      const { part, reading } = asked[row.question] as (typeof asked)[number]
      const sums = found.get(part)
      const sum: Sum = {
        opening: row.opening,
        orders: row.excluded_orders,
        entries: row.excluded_entries,
        keys: keysOf(part, row),
        cell: part.frame.cells[row.cell],
        values: Object.fromEntries(
          reading.sums.map(({ id }, n) => [id, row[`m${n}`] as number | null]),
        ),
      }
      const name = JSON.stringify([sum.keys, row.cell])
      const known = sums?.get(name)
      sums?.set(name, known ? together(known, sum, maximaOf(part.plan)) : sum)
    }
  }
  return new Map([...found].map(([part, sums]) => [part, [...sums.values()]]))
}

function together(a: Sum, b: Sum, maxima: ReadonlySet<string>): Sum {
  return {
    ...a,
    opening: a.opening + b.opening,
    orders: a.orders + b.orders,
    entries: a.entries + b.entries,
    values: merged(a.values, b.values, maxima),
  }
}

/** Readings by the types of events that the same parts ask about. */
function readingsByTypes(parts: readonly Part[]): { part: Part; reading: Reading }[][] {
  const askedBy = new Map<string, Part[]>()
  for (const part of parts) {
    for (const type of typesOf([part.plan])) askedBy.set(type, [...(askedBy.get(type) ?? []), part])
  }
  const groups = Map.groupBy(askedBy.keys(), (type) =>
    (askedBy.get(type) ?? []).map((part) => parts.indexOf(part)).join(),
  )
  return [...groups.values()].map((types) =>
    (askedBy.get(types[0] ?? '') ?? []).map((part) => {
      const sums = part.plan.sums.map((base) => ({
        ...base,
        feeds: base.feeds.filter(({ type }) => types.includes(type)),
      }))
      const reading = readingOf(part)
      return { part, reading: { ...reading, sums: sums.filter(({ feeds }) => feeds.length > 0) } }
    }),
  )
}
