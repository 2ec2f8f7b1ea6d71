import type { deadLettersAudit } from '@creatorflow/shared/features/dead-letters'
import type { ActionWords } from '#lib/audit/words.ts'
import { m } from '#messages'

export const deadLettersWords: Readonly<Record<(typeof deadLettersAudit)[number], ActionWords>> = {
  'dead_letters.dropped': {
    group: m.dead_letters_sources(),
    name: m.dead_letters_dead_letters_deleted(),
    says: ({ details, place }) => deleted(details.letters, place),
  },
}

function deleted(n: unknown, place: string): string {
  if (typeof n !== 'number') return m.dead_letters_deleted_some_of_place({ place })
  return m.dead_letters_deleted_of_place({ n, place })
}
