import { clipped } from '../../../core/text/clipped.ts'
import type { Letter } from '../../../identity/mail/mail.ts'
import { headline, type Message, moreOf, SHOWN_ITEMS, titleOf, whoAndWhen } from './message.ts'

const SUBJECT_CHARACTERS = 150

/** Plain text, as all e-mail of this server. */
export function alertLetter(message: Message, to: string): Letter {
  const { items, link, creator } = message
  const more = moreOf(message)
  const parts = [
    ...items
      .slice(0, SHOWN_ITEMS)
      .map((item) =>
        [titleOf(item), ...(item.text ? [item.text] : []), whoAndWhen(message, item)].join('\n'),
      ),
    ...(more ? [more] : []),
    ...(link ? [link] : []),
    `You get this because alerts of ${creator.name} are sent to you. An owner can change that under Settings, Notifications.`,
  ]
  return {
    to,
    subject: clipped(headline(message), SUBJECT_CHARACTERS),
    text: `${parts.join('\n\n')}\n`,
  }
}
