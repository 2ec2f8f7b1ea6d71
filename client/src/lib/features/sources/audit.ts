import type { sourcesAudit } from '@creatorflow/shared/features/sources'
import type { ActionWords, Told } from '#lib/audit/words.ts'
import { m } from '#messages'

export const sourcesWords: Readonly<Record<(typeof sourcesAudit)[number], ActionWords>> = {
  'source.added': {
    group: m.sources_sources(),
    name: m.sources_source_added(),
    says: ({ place, name }) => m.sources_added_source_to_place({ source: source(name), place }),
  },
  'source.changed': {
    group: m.sources_sources(),
    name: m.sources_source_changed(),
    says: ({ details, place, name }) =>
      m.sources_changed_source_of_place_source({
        source: source(name),
        place,
        sourceChanges: sourceChanges(details),
      }),
  },
  'source.removed': {
    group: m.sources_sources(),
    name: m.sources_source_removed(),
    says: ({ place, name }) => m.sources_removed_source_from_place({ source: source(name), place }),
  },
}

const source = (name: string) =>
  name === '' ? m.sources_source() : m.sources_source_name({ name })

/** What was changed of a source; of its secrets only which, never what. */
function sourceChanges({ renamed_to, enabled, secrets }: Told['details']): string {
  const parts = [
    ...(typeof renamed_to === 'string'
      ? [m.sources_name_to_value({ value: `“${renamed_to}”` })]
      : []),
    ...(typeof enabled === 'boolean'
      ? [enabled ? m.sources_turned_on() : m.sources_turned_off()]
      : []),
    ...(Array.isArray(secrets) && secrets.length > 0 ? [m.sources_new_credentials()] : []),
  ]
  return parts.length > 0 ? `: ${parts.join(', ')}` : ''
}
