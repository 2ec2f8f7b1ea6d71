import type { AuditEntry } from '@creatorflow/shared/features/audit'
import { auditWords } from '#lib/audit/list.ts'
import { quoted } from '#lib/audit/words.ts'
import { m } from '#messages'

/** How an entry calls what it names by id or address. */
export interface Names {
  readonly placeOf: (creatorId: string | null) => string
  /** Name of whoever has an e-mail address, else the address. */
  readonly personOf: (email: string) => string
}

/** Who did it, as a sentence begins. */
export function actorName({ kind, name }: AuditEntry['actor']): string {
  switch (kind) {
    case 'owner':
      return m.audit_local_owner()
    case 'server':
      return m.audit_server()
    case 'key':
      return m.audit_key_name({ name })
    case 'user':
      return name
  }
}

/** What was done, to stand after the name of who did it: "made Ben operator of Shop A". */
export function sentence(entry: AuditEntry, { placeOf, personOf }: Names): string {
  const { action, target, details, actor } = entry
  // A newer server may write what this page has no words for yet.
  const words = Object.hasOwn(auditWords, action) ? auditWords[action] : undefined
  if (!words) return [action, target].filter(Boolean).join(' ')
  return words.says({
    target,
    details,
    actor,
    place: placeOf(entry.creator_id),
    person: target === null ? m.audit_someone() : personOf(target),
    name: quoted(details.name) ?? target ?? '',
  })
}
