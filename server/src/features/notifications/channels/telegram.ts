import {
  escapedWithin,
  headline,
  type Message,
  moreOf,
  SHOWN_ITEMS,
  signOf,
  titleOf,
  whoAndWhen,
} from './message.ts'

// https://core.telegram.org/bots/api#sendmessage: 4,096 characters.
const MOST_CHARACTERS = 4_096
const TITLE_CHARACTERS = 200

/** The body of `sendMessage` for one chat. */
export function telegramBody(message: Message, chatId: string): object {
  const { items, link } = message
  const shown = items.slice(0, SHOWN_ITEMS)
  const more = moreOf(message)
  const lines = [
    ...(items.length > 1 ? [`<b>${escaped(headline(message))}</b>`] : []),
    ...shown.map((item) =>
      [
        `${signOf(item)} <b>${escapedWithin(titleOf(item), TITLE_CHARACTERS, escaped)}</b>`,
        ...(item.text ? [escapedWithin(item.text, textShare(shown.length), escaped)] : []),
        `<i>${escaped(whoAndWhen(message, item))}</i>`,
      ].join('\n'),
    ),
    ...(more ? [more] : []),
    ...(link ? [`<a href="${escaped(link)}">Open CreatorFlow Live</a>`] : []),
  ]
  return {
    chat_id: chatId,
    text: whole(lines),
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
  }
}

/** With titles, times and marks, all of them fit. */
const textShare = (items: number) => Math.floor(1_500 / Math.max(items, 1))

/** Whole parts only: one that was cut within a tag is refused altogether. */
function whole(parts: readonly string[]): string {
  const kept: string[] = []
  let length = 0
  for (const part of parts) {
    if (length + part.length + 2 > MOST_CHARACTERS) break
    kept.push(part)
    length += part.length + 2
  }
  return kept.join('\n\n')
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
