import { countedColumns, type EventRow } from '../eventlog/event-row.ts'
import type { Claim, ClaimBook, ClaimKey } from '../projections/claims.ts'

/** What settling decides; the rest of a row was sent. */
export const decidedColumns = [
  'session_id',
  'pin_id',
  'currency',
  'day',
  'live_started_at',
  'opens_live',
  'attribution',
  ...countedColumns,
] as const satisfies readonly (keyof EventRow)[]

/** Whether anything that settling decides differs. */
export const isOther = (settled: EventRow, stored: EventRow): boolean =>
  decidedColumns.some((column) => settled[column] !== stored[column])

/** Claims from scratch: missing ones were never seen. */
export function wholeClaims(): ClaimBook {
  const nameOf = ({ kind, key }: ClaimKey) => `${kind}\n${key}`
  const claims = new Map<string, ClaimKey & Claim>()
  return {
    learn: () => {},
    get: (key) => claims.get(nameOf(key)),
    set: ({ creator_id, kind, key }, claim) =>
      void claims.set(nameOf({ creator_id, kind, key }), { creator_id, kind, key, ...claim }),
    changed: () => [...claims.values()],
  }
}
