import type { Database, Queryable } from '@creatorflow/db/database'
import { raw, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { serverTenant } from '../core/rights/authorize.ts'
import { projections } from '../projections/index.ts'
import type { Projection } from '../projections/projection.ts'
import { countLog } from './count-log.ts'
import { stintSizeOf } from './portions.ts'
import { otherClaims } from './put-claims.ts'
import { isSameLog, readCounter } from './read-log.ts'
import { type Stand, settleAgain } from './recount-log.ts'
import { readSettings } from './settings.ts'
import { verifySums } from './verify-sums.ts'

/** How the stored rows of one table compare with what the log gives. */
export interface Verified {
  readonly table: string
  /**
   * Rows that are missing, extra or changed, which may count as both. Undefined if the table could not be
   * compared.
   */
  readonly differences: number | undefined
  /** Why it could not be compared. */
  readonly reason?: string
}

/** The note for a projection that SQL cannot rebuild. */
type Rebuilt = ReadonlyMap<string, Pick<Verified, 'differences' | 'reason'>>

/** Compares every projection and aggregate of a creator with its rebuild; writes nothing permanent. */
export async function verifyProjections(database: Database, tenant: Tenant): Promise<Verified[]> {
  const settled = await verifySettled(database, tenant)
  const found: Verified[] = []
  for (const { table, rebuilt } of projections) {
    if (rebuilt) {
      found.push({ table, differences: await differsInSql(database, tenant, table, rebuilt) })
    } else if (typeof settled === 'string') {
      found.push({ table, differences: undefined, reason: settled })
    } else {
      const nothing = { differences: undefined, reason: 'its rows can’t be derived' }
      found.push({ table, ...(settled.get(table) ?? nothing) })
    }
  }
  return [...found, ...(await verifySums(database, tenant))]
}

async function differsInSql(
  database: Queryable,
  { creatorId }: Tenant,
  table: string,
  { columns, isCompared, rows }: NonNullable<Projection['rebuilt']>,
): Promise<number> {
  const names = raw(columns.join(', '))
  const stored = sql`
    select ${names} from ${raw(table)} where creator_id = ${creatorId} and ${isCompared}`
  const rebuilt = sql`
    select ${names} from (${rows(creatorId)}) as r (${names}) where ${isCompared}`
  const [row] = await database.query<{ n: number }>(sql`
    select count(*)::int as n from (
      (${stored} except all ${rebuilt}) union all (${rebuilt} except all ${stored})
    ) d`)
  return row?.n ?? 0
}

async function differsFrom(
  database: Queryable,
  { creatorId }: Tenant,
  table: string,
  columns: readonly string[],
  rows: readonly object[],
): Promise<number> {
  const stored = await database.query<object>(sql`
    select ${raw(columns.join(', '))} from ${raw(table)} where creator_id = ${creatorId}`)
  const textOf = (row: object) => {
    const values = new Map(Object.entries(row))
    const value = (column: string): unknown => values.get(column)
    return JSON.stringify(
      columns.map((name) => {
        const one = value(name)
        return one instanceof Date ? one.getTime() : one
      }),
    )
  }
  const left = new Map<string, number>()
  const add = (text: string, n: number) => left.set(text, (left.get(text) ?? 0) + n)
  for (const row of rows) add(textOf(row), 1)
  for (const row of stored) add(textOf(row), -1)
  return [...left.values()].reduce((sum, n) => sum + Math.abs(n), 0)
}

/** Compares with the log as re-attribution would settle it; a sentence if that is impossible. */
async function verifySettled(database: Database, tenant: Tenant): Promise<Rebuilt | string> {
  const start = await readCounter(database, tenant)
  const settings = await readSettings(database, tenant, {})
  if (!start || !settings) return 'creator not found'
  if (start.holes_until > 0) return 'old events were dropped'
  const asked = { start, settings, isRehearsal: true }
  const found = await settleAgain(database, tenant, asked, stintSizeOf(database), async (stand) => {
    const { part, attributed, claims, told } = stand
    // Counted only for its claims.
    for await (const _ of countLog(part, settings, attributed, claims, told));
    return compare(database, tenant, stand)
  })
  if (found === 'another') return 'the log was rewritten during the comparison'
  const noted = await database.query(
    sql`select 1 from resettle where creator_id = ${tenant.creatorId}`,
  )
  if (noted.length > 0) return 'waiting for re-attribution'
  const now = await readCounter(database, tenant)
  if (!now || now.seq !== start.seq || !isSameLog(start, now))
    return 'new events arrived during the comparison'
  return found
}

async function compare(
  database: Database,
  tenant: Tenant,
  { attributed, claims }: Stand,
): Promise<Rebuilt> {
  const found = new Map<string, { readonly differences: number }>()
  const of = { lives: attributed.lives.changed(), pins: attributed.pins.added(), claims: [] }
  for (const { table, rederived } of projections) {
    if (!rederived) continue
    let differences = 0
    if (rederived.isReplaced) {
      const { columns, rows } = rederived
      differences = await differsFrom(database, tenant, table, columns, rows(of))
    } else {
      for await (const { keys } of otherClaims(database, tenant, claims.run)) {
        differences += keys.length
      }
    }
    found.set(table, { differences })
  }
  return found
}

/** Verifies every creator and prints a line per table; returns the exit code, 1 if any row differs. */
export async function verifyAll(
  database: Database,
  print: (line: string) => void,
): Promise<number> {
  const creators = await database.query<{ id: string }>(sql`select id from creators order by id`)
  let code = 0
  print(line('creator', 'table', 'differences'))
  for (const { id } of creators) {
    for (const { table, differences, reason } of await verifyProjections(
      database,
      serverTenant(id),
    )) {
      print(line(id, table, String(differences ?? `not compared: ${reason}`)))
      if (differences !== undefined && differences > 0) code = 1
    }
  }
  return code
}

const line = (creator: string, table: string, result: string): string =>
  `${creator.padEnd(24)} ${table.padEnd(16)} ${result}`
