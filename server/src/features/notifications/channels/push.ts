import { clipped } from '../../../core/text/clipped.ts'
import { headline, type Message, signOf, titleOf } from './message.ts'

// A push service takes 4,096 bytes encrypted; what is shown of a notification is far less.
const TITLE_CHARACTERS = 120
const BODY_CHARACTERS = 300

/** What the service worker shows. */
export interface Push {
  readonly title: string
  readonly body: string
  /** Path that a click opens. */
  readonly path: string
  /** A later one with the same tag takes its place. */
  readonly tag: string
}

export function pushOf(message: Message): Push {
  const { items, creator, id, path } = message
  const [only] = items
  const isOne = items.length === 1
  const sign = only ? `${signOf(only)} ` : ''
  const body = isOne ? (only?.text ?? '') : items.map(titleOf).join('\n')
  return {
    title: clipped(`${sign}${headline(message)}`, TITLE_CHARACTERS),
    body: clipped(isOne ? `${body}\n${creator.name}`.trim() : body, BODY_CHARACTERS),
    path,
    // An alert and its end are about the same; several at once are about themselves.
    tag: (isOne ? only?.episode_id : null) ?? id,
  }
}
