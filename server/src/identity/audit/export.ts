import type { AuditEntry } from '@creatorflow/shared/features/audit'
import { csvHeader, csvRows, csvType } from '../../http/csv.ts'

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

/** Formats of an export: its header and its lines. */
export const exportFormats = {
  csv: {
    type: csvType,
    head: csvHeader(columns),
    lines: (entries: readonly AuditEntry[]) => csvRows(entries.map(cells)),
  },
  ndjson: {
    type: 'application/x-ndjson',
    head: '',
    lines: (entries: readonly AuditEntry[]) =>
      entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''),
  },
} as const

function cells({ actor, details, ...entry }: AuditEntry) {
  const row = {
    ...entry,
    actor_kind: actor.kind,
    actor_id: actor.id,
    actor_name: actor.name,
    details: JSON.stringify(details),
  }
  return columns.map((column) => row[column])
}
