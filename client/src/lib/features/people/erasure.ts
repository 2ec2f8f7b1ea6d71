import type { Reply } from '@creatorflow/shared/endpoint'
import type { erasePerson } from '@creatorflow/shared/features/people'

/** What an erasure did, in words. */
export function erasureWords(
  { events, comments, messages }: Reply<typeof erasePerson>,
  place: string,
): string {
  if (events === 0 && comments === 0 && messages === 0) {
    return `Nobody with this id was in the data of ${place}: nothing had to be erased.`
  }
  return `Erased: ${counted(events, 'event')} of ${place} now ${events === 1 ? 'bears' : 'bear'} a random name, ${counted(comments, 'comment')} ${comments === 1 ? 'is' : 'are'} deleted${messages > 0 ? `, and so ${messages === 1 ? 'is' : 'are'} ${counted(messages, 'message')} that waited or had been set aside` : ''}. The counts stay.`
}

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}
