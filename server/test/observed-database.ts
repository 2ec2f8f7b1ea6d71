import type { Database } from '@creatorflow/db/database'
import type { Sql } from '@creatorflow/db/sql'

export interface Observer {
  /** Called for each statement before it runs; if this throws, the statement does not run. */
  readonly before?: (text: string) => void
  readonly after?: (text: string, rows: readonly unknown[]) => void
}

/** A database with observed statements outside of transactions. */
export function observedDatabase(database: Database, { before, after }: Observer): Database {
  const observed = (query: Database['query']) =>
    async function observedQuery<R>(statement: Sql): Promise<R[]> {
      before?.(statement.text)
      const rows = await query<R>(statement)
      after?.(statement.text, rows)
      return rows
    }
  return {
    ...database,
    query: observed(database.query),
    readAs: (tenant, work) =>
      database.readAs(tenant, (read) => work({ ...read, query: observed(read.query) })),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}
