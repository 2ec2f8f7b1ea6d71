import type { TenantRead } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import type { HistoryMarks } from '../eventlog/history.ts'
import { type SumRow, sumsSql } from './compile.ts'
import type { TimeCell } from './frame.ts'
import { type ByPart, keysOf, type Part, readingOf } from './parts.ts'
import type { BaseValues } from './reads.ts'
import { levelsOf } from './sources.ts'

/** Sums of the log in one cell. */
export interface Sum {
  readonly opening: number
  readonly orders: number
  readonly entries: number
  readonly keys: readonly (string | null)[]
  readonly cell: TimeCell | undefined
  readonly values: BaseValues
}

/**
 * All sums that the parts need. Those that read the same levels share a statement: hours among days would have the
 * days read what separates hours.
 */
export async function readSums(
  read: TenantRead,
  tenant: Tenant,
  parts: readonly Part[],
  marks: HistoryMarks,
): Promise<ByPart<Sum[]>> {
  const found: ByPart<Sum[]> = new Map(parts.map((part) => [part, []]))
  const asked = parts.filter(({ plan }) => plan.sums.length > 0)
  for (const alike of Map.groupBy(asked, ({ frame }) => levelsOf(frame.bounds)).values()) {
    for (const row of await read.query<SumRow>(sumsSql(tenant, alike.map(readingOf), marks))) {
      const part = alike[row.question] as Part
      found.get(part)?.push(sumOf(part, row))
    }
  }
  return found
}

function sumOf(part: Part, row: SumRow): Sum {
  return {
    opening: row.opening,
    orders: row.excluded_orders,
    entries: row.excluded_entries,
    keys: keysOf(part, row),
    cell: part.frame.cells[row.cell],
    values: Object.fromEntries(
      part.plan.sums.map(({ id }, n) => [id, row[`m${n}`] as number | null]),
    ),
  }
}
