import type { creatorsAudit } from '@creatorflow/shared/features/creators'
import { type ActionWords, quoted, type Told } from '#lib/audit/words.ts'

export const creatorsWords: Readonly<Record<(typeof creatorsAudit)[number], ActionWords>> = {
  'creator.created': {
    group: 'Data',
    name: 'Creator added',
    says: ({ place }) => `added the creator ${place}`,
  },
  'creator.changed': {
    group: 'Data',
    name: 'Creator changed',
    says: ({ details, place }) => `changed the creator ${place}${changes(details)}`,
  },
  'creator.exported': {
    group: 'Data',
    name: 'Creator exported',
    says: ({ place }) => `exported all events of ${place}`,
  },
  'creator.deleted': {
    group: 'Data',
    name: 'Creator deleted',
    says: ({ place }) => `deleted the creator ${place}`,
  },
}

/** Which parts of a creator were changed, as the server notes them. */
function changes(details: Told['details']): string {
  const parts = Object.entries(details)
    .filter(([, value]) => typeof value === 'string')
    .map(([part, value]) => `${part.replaceAll('_', ' ')} to ${quoted(value)}`)
  return parts.length > 0 ? `: ${parts.join(', ')}` : ''
}
