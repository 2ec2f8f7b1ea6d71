import type { Reply } from '@creatorflow/shared/endpoint'
import type { erasePerson } from '@creatorflow/shared/features/people'

/** What an erasure did, in words. */
export function erasureWords(
  { events, comments, messages }: Reply<typeof erasePerson>,
  place: string,
): string {
  if (events === 0 && comments === 0 && messages === 0) {
    return `No data with this ID in ${place}. Nothing was erased.`
  }
  const waiting = messages > 0 ? ` and ${counted(messages, 'unprocessed message')}` : ''
  return `Erased: ${counted(events, 'event')} of ${place} anonymized; ${counted(comments, 'comment')}${waiting} deleted. Totals stay the same.`
}

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}
