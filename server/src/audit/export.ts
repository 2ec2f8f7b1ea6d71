import type { AuditEntry } from '@creatorflow/shared/features/audit'
import { stringify } from 'csv-stringify/sync'
import { asPlainText } from '../http/plain-text.ts'

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
      stringify(entries.map(cells), { columns: [...columns], cast: { string: asPlainText } }),
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
