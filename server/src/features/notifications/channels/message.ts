import { clipped } from '../../../core/text/clipped.ts'

/** What is told about one alert; kept with its delivery. */
export interface Item {
  readonly id: string
  readonly kind: 'alert' | 'insight' | 'test'
  readonly transition: 'fired' | 'recovered'
  readonly severity: 'info' | 'warning' | 'critical'
  readonly title: string
  /** The reason in numbers and the owner's words, plain text. */
  readonly text: string
  /** ISO 8601. */
  readonly at: string
  readonly rule_id: string | null
  readonly episode_id: string | null
  readonly session_id: string | null
  /** The reason for programs. */
  readonly why: unknown
}

/** One message to one target. */
export interface Message {
  /** Stable over all attempts. */
  readonly id: string
  readonly creator: { readonly id: string; readonly name: string; readonly timeZone: string }
  readonly items: readonly Item[]
  /** Where a person reads more, on this server. */
  readonly path: string
  /** The same as a whole; null if this server has no public address. */
  readonly link: string | null
}

/** The episode of an alert, or the list of several. */
export function pathOf(creatorId: string, items: readonly Item[]): string {
  const [only] = items
  if (only?.kind === 'test') return `/settings/notifications?creator=${creatorId}`
  const episode = items.length === 1 && only?.episode_id
  return `/c/${creatorId}/alerts${episode ? `?episode=${encodeURIComponent(episode)}` : ''}`
}

/** Items that a message spells out; the others are counted. */
export const SHOWN_ITEMS = 10
const TITLE_CHARACTERS = 140

/** A sign that tells at a glance what it is, where colors are not at hand. */
export function signOf({ kind, transition, severity }: Item): string {
  if (kind === 'test') return '🔔'
  if (kind === 'insight') return '✨'
  if (transition === 'recovered') return '✅'
  return { info: 'ℹ️', warning: '⚠️', critical: '🚨' }[severity]
}

/** "Conversion low", and "Recovered: Conversion low" at its end. */
export function titleOf(item: Item): string {
  const title = clipped(oneLine(item.title), TITLE_CHARACTERS)
  return item.kind === 'alert' && item.transition === 'recovered' ? `Recovered: ${title}` : title
}

/** The line above several: "3 alerts for Mia". */
export function headline({ creator, items }: Message): string {
  const [only] = items
  if (only && items.length === 1) return titleOf(only)
  const isAlerts = items.every(({ kind }) => kind === 'alert')
  return `${items.length} ${isAlerts ? 'alerts' : 'notifications'} for ${oneLine(creator.name)}`
}

/** "Mia, 9:05 PM": whose it is, and when it happened on the clock of the creator. */
export function whoAndWhen({ creator }: Message, { at }: Item): string {
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: creator.timeZone,
    hour: 'numeric',
    minute: '2-digit',
  }).format(new Date(at))
  return `${clipped(oneLine(creator.name), 80)}, ${clock}`
}

/** "and 4 more", or nothing. */
export function moreOf({ items }: Message): string | undefined {
  const more = items.length - SHOWN_ITEMS
  return more > 0 ? `and ${more} more` : undefined
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** Escaped text of at most so many characters; a cut never falls within an escape. */
export function escapedWithin(
  text: string,
  most: number,
  escaping: (text: string) => string,
): string {
  const whole = escaping(text)
  if (whole.length <= most) return whole
  let kept = ''
  for (const character of text) {
    const next = escaping(character)
    if (kept.length + next.length >= most) break
    kept += next
  }
  return `${kept}…`
}
