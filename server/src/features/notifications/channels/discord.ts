import { clipped } from '../../../core/text/clipped.ts'
import {
  escapedWithin,
  headline,
  type Item,
  type Message,
  moreOf,
  SHOWN_ITEMS,
  signOf,
  titleOf,
  whoAndWhen,
} from './message.ts'

// https://discord.com/developers/docs/resources/message: 10 embeds of together 6,000 characters; a title has 256, a
// description 4,096, the content 2,000.
const ALL_CHARACTERS = 6_000
const TITLE_CHARACTERS = 256
/** A sign and a space. */
const SIGN_CHARACTERS = 3
const DESCRIPTION_CHARACTERS = 2_000
const FOOTER_CHARACTERS = 100
const HEADLINE_CHARACTERS = 1_000

/** The body for a webhook of Discord. It mentions nobody, whatever a title says. */
export function discordBody(message: Message): object {
  const { items, link } = message
  const shown = items.slice(0, SHOWN_ITEMS)
  const each = Math.floor(ALL_CHARACTERS / Math.max(shown.length, 1))
  const more = moreOf(message)
  const content = [
    ...(items.length > 1
      ? [`**${escapedWithin(headline(message), HEADLINE_CHARACTERS, escaped)}**`]
      : []),
    ...(more ? [more] : []),
  ].join(' ')
  return {
    ...(content && { content }),
    embeds: shown.map((item) => {
      const words = escapedWithin(titleOf(item), TITLE_CHARACTERS - SIGN_CHARACTERS, escaped)
      const title = `${signOf(item)} ${words}`
      const footer = clipped(whoAndWhen(message, item), FOOTER_CHARACTERS)
      const left = Math.min(each - title.length - footer.length, DESCRIPTION_CHARACTERS)
      return {
        title,
        ...(item.text && { description: escapedWithin(item.text, left, escaped) }),
        ...(link && { url: link }),
        color: colorOf(item),
        timestamp: item.at,
        footer: { text: footer },
      }
    }),
    allowed_mentions: { parse: [] },
  }
}

function colorOf({ kind, transition, severity }: Item): number {
  if (kind !== 'alert') return 0x6366f1
  if (transition === 'recovered') return 0x16a34a
  return { info: 0x0284c7, warning: 0xd97706, critical: 0xdc2626 }[severity]
}

/** Words look as they were written, and an @ pings nobody even where mentions are not switched off. */
function escaped(text: string): string {
  return text.replace(/[\\*_~`|>#[\]()]/g, '\\$&').replace(/[@<]/g, '$&\u200b')
}
