import type { peopleAudit } from '@creatorflow/shared/features/people'
import type { ActionWords } from '#lib/audit/words.ts'

export const peopleWords: Readonly<Record<(typeof peopleAudit)[number], ActionWords>> = {
  'person.erased': {
    group: 'Data',
    name: 'Person erased',
    says: ({ place }) => `erased a person from the data of ${place}`,
  },
  'person.exported': {
    group: 'Data',
    name: 'Person exported',
    says: ({ place }) => `exported a person's data from ${place}`,
  },
}
