import type { AuditEntry } from '@creatorflow/shared/features/audit'
import { m } from '#messages'

/** Headings of the filter's actions, in this order. */
export const auditGroups = [
  m.audit_team(),
  m.audit_api_keys(),
  m.audit_sources(),
  m.audit_alerts(),
  m.audit_data(),
  m.audit_sign_in(),
] as const

/** An entry, with the names behind its ids and addresses. */
export interface Told {
  readonly target: string | null
  readonly details: AuditEntry['details']
  readonly actor: AuditEntry['actor']
  /** The creator concerned, or all of them. */
  readonly place: string
  /** The person concerned; "somebody" if the entry does not say. */
  readonly person: string
  /** Name of what changed, in quotation marks, else its id. */
  readonly name: string
}

/** The text for one action. */
export interface ActionWords {
  readonly group: (typeof auditGroups)[number]
  /** As shown in the filter. */
  readonly name: string
  /** What was done, to follow the name of who did it: "made Ben operator of Shop A". */
  readonly says: (told: Told) => string
}

export function quoted(value: unknown): string | undefined {
  return typeof value === 'string' ? `“${value}”` : undefined
}
