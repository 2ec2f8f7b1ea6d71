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

/**
 * A text that a spreadsheet does not run: one that begins like a formula, on any of its lines and behind
 * whatever white space, gets an apostrophe before it. The library's own option looks at the first character alone.
 */
export function asPlainText(text: string): string {
  return text.replace(/(^|[\r\n])([^\S\r\n]*[=+\-@\uff1d\uff0b\uff0d\uff20]|\t)/g, "$1'$2")
}
