import type { AuditAction } from '@creatorflow/shared/features/audit'
import { accessWords } from '#lib/features/access/audit.ts'
import { alertsWords } from '#lib/features/alerts/audit.ts'
import { apiKeysWords } from '#lib/features/api-keys/audit.ts'
import { creatorsWords } from '#lib/features/creators/audit.ts'
import { deadLettersWords } from '#lib/features/dead-letters/audit.ts'
import { jobsWords } from '#lib/features/jobs/audit.ts'
import { notificationsWords } from '#lib/features/notifications/audit.ts'
import { peopleWords } from '#lib/features/people/audit.ts'
import { sourcesWords } from '#lib/features/sources/audit.ts'
import { teamWords } from '#lib/features/team/audit.ts'
import { type ActionWords, auditGroups } from './words.ts'

/** The text for every action, in the order of the filter. */
export const auditWords: Readonly<Record<AuditAction, ActionWords>> = {
  ...teamWords,
  ...apiKeysWords,
  ...sourcesWords,
  ...notificationsWords,
  ...deadLettersWords,
  ...creatorsWords,
  ...peopleWords,
  ...jobsWords,
  ...alertsWords,
  ...accessWords,
}

/** The names of all actions, by subject. */
export const actionGroups = auditGroups.map((group) => ({
  name: group,
  actions: Object.entries(auditWords).flatMap(([action, words]) =>
    // Keys of an object typed by action.
    words.group === group ? [{ action: action as AuditAction, name: words.name }] : [],
  ),
}))
