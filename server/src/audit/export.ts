import type { AuditEntry } from '@creatorflow/shared/features/audit'
import { stringify } from 'csv-stringify/sync'

const columns = [
  'id',
  'at',
  'actor_kind',
  'actor_id',
  'actor_name',
  'address',
  'creator_id',
  'action',
  'target',
  'details',
] as const

/** Formats of an export: what a file begins with, and its lines. */
export const exportFormats = {
  csv: {
    type: 'text/csv; charset=utf-8',
    head: `${columns.join(',')}\n`,
    lines: (entries: readonly AuditEntry[]) =>
      // A text that begins like a formula would be run by a spreadsheet.
      stringify(entries.map(cells), { columns: [...columns], escape_formulas: true }),
  },
  ndjson: {
    type: 'application/x-ndjson',
    head: '',
    lines: (entries: readonly AuditEntry[]) =>
      entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''),
  },
} as const

function cells({ actor, details, ...entry }: AuditEntry) {
  return {
    ...entry,
    actor_kind: actor.kind,
    actor_id: actor.id,
    actor_name: actor.name,
    details: JSON.stringify(details),
  }
}
