import type { Database } from '@creatorflow/db/database'
import { projections } from '../../projections/index.ts'
import type { SourceKinds } from '../../sources/runtime/registry.ts'

/** Every table in which an erasure changes or deletes rows. */
export const erasedTables = (sourceKinds: SourceKinds): readonly string[] => [
  'events',
  'tail',
  'checkpoints',
  ...projections.flatMap(({ table, erase }) => (erase ? table : [])),
  ...[...sourceKinds.values()].flatMap(({ ledger }) => ledger?.table ?? []),
  'dead_letters',
  'deliveries',
  'alert_deliveries',
  'frozen_lives',
  'log_bases',
  'dropped_ids',
  'audit_log',
  'sources',
]

/**
 * Removes row versions that still hold erased data, once no older transaction reads them. Autovacuum would
 * wait until a fifth of a table has changed, and the embedded database has none.
 */
export async function vacuumErased(database: Database, sourceKinds: SourceKinds): Promise<void> {
  // One at a time: each blocks the embedded database, and waiting work gets its turn in between.
  for (const table of erasedTables(sourceKinds)) await database.script(`vacuum ${table}`)
}
