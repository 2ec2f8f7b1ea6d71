import type { creatorsAudit } from '@creatorflow/shared/features/creators'
import type { ActionWords, Told } from '#lib/audit/words.ts'
import { m } from '#messages'

export const creatorsWords: Readonly<Record<(typeof creatorsAudit)[number], ActionWords>> = {
  'creator.created': {
    group: m.creators_data(),
    name: m.creators_creator_added(),
    says: ({ place }) => m.creators_added_creator_place({ place }),
  },
  'creator.changed': {
    group: m.creators_data(),
    name: m.creators_creator_changed(),
    says: ({ details, place }) =>
      m.creators_changed_creator_place_changes({ place, changes: changes(details) }),
  },
  'creator.logo_set': {
    group: m.creators_data(),
    name: m.creators_logo_set(),
    says: ({ place }) => m.creators_set_logo_of_place({ place }),
  },
  'creator.logo_removed': {
    group: m.creators_data(),
    name: m.creators_logo_removed(),
    says: ({ place }) => m.creators_removed_logo_of_place({ place }),
  },
  'creator.exported': {
    group: m.creators_data(),
    name: m.creators_creator_exported(),
    says: ({ place }) => m.creators_exported_all_events_of_place({ place }),
  },
  'creator.deleted': {
    group: m.creators_data(),
    name: m.creators_creator_deleted(),
    says: ({ place }) => m.creators_deleted_creator_place({ place }),
  },
}

/** Which parts of a creator were changed, as the server notes them. */
function changes(details: Told['details']): string {
  const parts = Object.entries(details)
    .filter(([, value]) => typeof value === 'string')
    .map(([part, value]) =>
      m.creators_part_to_value({ part: part.replaceAll('_', ' '), value: `“${value}”` }),
    )
  return parts.length > 0 ? `: ${parts.join(', ')}` : ''
}
