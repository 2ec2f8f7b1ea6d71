import type { AuditEntry } from '@creatorflow/shared/features/audit'

/** What the filter lists actions under, in this order. */
export const auditGroups = ['Team', 'API keys', 'Sources', 'Data', 'Sign-in'] as const

/** An entry, with the names of what it tells of by id or address. */
export interface Told {
  readonly target: string | null
  readonly details: AuditEntry['details']
  readonly actor: AuditEntry['actor']
  /** The creator that it is about, or all of them. */
  readonly place: string
  /** Whom it is about; somebody, when it does not say. */
  readonly person: string
  /** Name of what was changed, in quotation marks, else its id. */
  readonly name: string
}

/** The words for one action. */
export interface ActionWords {
  readonly group: (typeof auditGroups)[number]
  /** As the filter lists it. */
  readonly name: string
  /** What was done, to stand after the name of who did it: "made Ben operator of Shop A". */
  readonly says: (told: Told) => string
}

export function quoted(value: unknown): string | undefined {
  return typeof value === 'string' ? `“${value}”` : undefined
}
