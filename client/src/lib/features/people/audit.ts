import type { peopleAudit } from '@creatorflow/shared/features/people'
import type { ActionWords } from '#lib/audit/words.ts'
import { m } from '#messages'

export const peopleWords: Readonly<Record<(typeof peopleAudit)[number], ActionWords>> = {
  'person.erased': {
    group: m.people_data(),
    name: m.people_person_erased(),
    says: ({ place }) => m.people_erased_person_from_data_of_place({ place }),
  },
  'person.exported': {
    group: m.people_data(),
    name: m.people_person_exported(),
    says: ({ place }) => m.people_exported_persons_data_from_place({ place }),
  },
}
