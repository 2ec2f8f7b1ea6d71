import { clipped } from '../../../core/text/clipped.ts'
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

// https://docs.slack.dev/reference/block-kit/blocks: 50 blocks, 3,000 characters of text in a section, 150 in a header.
const HEADER_CHARACTERS = 150
const TITLE_CHARACTERS = 1_000
const REASON_CHARACTERS = 1_900
const FALLBACK_CHARACTERS = 1_000

/** The body for an incoming webhook of Slack. */
export function slackBody(message: Message): object {
  const { items, link } = message
  const sections = items.slice(0, SHOWN_ITEMS).flatMap((item) => {
    const title = `${signOf(item)} *${escapedWithin(titleOf(item), TITLE_CHARACTERS, escaped)}*`
    const text = escapedWithin(item.text, REASON_CHARACTERS, escaped)
    return [
      section(`${title}${text && `\n${text}`}`),
      { type: 'context', elements: [mrkdwn(escaped(whoAndWhen(message, item)))] },
    ]
  })
  const more = moreOf(message)
  const blocks = [
    ...(items.length > 1
      ? [
          {
            type: 'header',
            text: { type: 'plain_text', text: clipped(headline(message), HEADER_CHARACTERS) },
          },
        ]
      : []),
    ...sections,
    ...(more ? [{ type: 'context', elements: [mrkdwn(more)] }] : []),
    ...(link ? [section(`<${escaped(link)}|Open CreatorFlow Live>`)] : []),
  ]
  // What notifications show; screen readers read it too.
  const first = items[0]
  const fallback = first ? `${signOf(first)} ${headline(message)}` : headline(message)
  const text = escapedWithin(fallback, FALLBACK_CHARACTERS, escaped)
  return { text, blocks, unfurl_links: false }
}

const mrkdwn = (text: string) => ({ type: 'mrkdwn', text })
const section = (text: string) => ({ type: 'section', text: mrkdwn(text) })

/** Without entities there is no `<!channel>` and no link whose words hide where it leads. */
function escaped(text: string): string {
  return (
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      // Marks of bold, italic and code have no escape: an invisible character keeps them from pairing.
      .replace(/[*_~`]/g, '$&\u200b')
  )
}
