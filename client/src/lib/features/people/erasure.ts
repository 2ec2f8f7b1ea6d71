import type { Reply } from '@creatorflow/shared/endpoint'
import type { erasePerson } from '@creatorflow/shared/features/people'
import { m } from '#messages'

/** What an erasure did, in words. */
export function erasureWords(
  { events, comments, messages }: Reply<typeof erasePerson>,
  place: string,
): string {
  if (events === 0 && comments === 0 && messages === 0) {
    return m.people_no_data_with_this_id_in({ place })
  }
  const erased = {
    place,
    events: m.people_n_events({ n: events }),
    comments: m.people_n_comments({ n: comments }),
  }
  return messages > 0
    ? m.people_erased_with_messages({ ...erased, messages: m.people_n_messages({ n: messages }) })
    : m.people_erased(erased)
}
