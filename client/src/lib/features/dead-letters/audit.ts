import type { deadLettersAudit } from '@creatorflow/shared/features/dead-letters'
import type { ActionWords } from '#lib/audit/words.ts'

export const deadLettersWords: Readonly<Record<(typeof deadLettersAudit)[number], ActionWords>> = {
  'dead_letters.dropped': {
    group: 'Sources',
    name: 'Dead letters deleted',
    says: ({ details, place }) => `deleted ${letters(details.letters)} of ${place}`,
  },
}

function letters(n: unknown): string {
  if (typeof n !== 'number') return 'dead letters'
  return n === 1 ? 'a dead letter' : `${n} dead letters`
}
