import type { sourcesAudit } from '@creatorflow/shared/features/sources'
import { type ActionWords, quoted, type Told } from '#lib/audit/words.ts'

export const sourcesWords: Readonly<Record<(typeof sourcesAudit)[number], ActionWords>> = {
  'source.added': {
    group: 'Sources',
    name: 'Source added',
    says: ({ place, name }) => `added ${source(name)} to ${place}`,
  },
  'source.changed': {
    group: 'Sources',
    name: 'Source changed',
    says: ({ details, place, name }) =>
      `changed ${source(name)} of ${place}${sourceChanges(details)}`,
  },
  'source.removed': {
    group: 'Sources',
    name: 'Source removed',
    says: ({ place, name }) => `removed ${source(name)} from ${place}`,
  },
}

const source = (name: string) => (name === '' ? 'a source' : `the source ${name}`)

/** What was changed of a source; of its secrets only which, never what. */
function sourceChanges({ renamed_to, enabled, secrets }: Told['details']): string {
  const parts = [
    ...(typeof renamed_to === 'string' ? [`name to ${quoted(renamed_to)}`] : []),
    ...(typeof enabled === 'boolean' ? [enabled ? 'turned on' : 'turned off'] : []),
    ...(Array.isArray(secrets) && secrets.length > 0 ? ['new credentials'] : []),
  ]
  return parts.length > 0 ? `: ${parts.join(', ')}` : ''
}
