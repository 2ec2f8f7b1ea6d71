import type { Person } from '@creatorflow/shared/features/crowd'
import type { Convention } from '#lib/format.ts'

/** Combining marks per letter; more of them overlap the lines above. */
const MARKS_PER_LETTER = 2
const CODES_PER_CHARACTER = 64
const HIDDEN = '•••••'

/** Direction overrides, zero-width characters and the like: invisible, but they change the text around them. */
const invisible = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u{115F}\u{1160}\u{3164}\u{FFA0}\u{2800}]/gu
const joiner = '\u{200D}'
const nonJoiner = '\u{200C}'
const pictured = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{M}]$/u
/** Scripts in which a joiner between letters is part of the spelling. */
const joined =
  /[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Malayalam}\p{Script=Sinhala}]\p{M}*$/u
const stacked = new RegExp(`(\\p{M}{${MARKS_PER_LETTER}})\\p{M}+`, 'gu')

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** User text as one line that cannot affect anything around it, cut to so many visible characters. */
export function cleanText(raw: string, most: number): string {
  const line = raw
    // Never more code units than this, whatever one character is made of.
    .slice(0, most * CODES_PER_CHARACTER)
    .replace(/[\t-\r\u{2028}\u{2029}]/gu, ' ')
    .replace(invisible, (sign, at: number, whole: string) =>
      isSpelling(sign, whole.slice(Math.max(0, at - 8), at), whole.slice(at + 1)) ? sign : '',
    )
    .normalize('NFC')
    .replace(stacked, '$1')
    .replace(/\s+/gu, ' ')
    .trim()
  // Counted only as far as needed: a text may be long.
  let kept = ''
  let count = 0
  for (const { segment } of graphemes.segment(line)) {
    if (++count > most) return `${kept.trimEnd()}…`
    kept += segment
  }
  return line
}

function isSpelling(sign: string, before: string, after: string): boolean {
  if (sign !== joiner && sign !== nonJoiner) return false
  if (joined.test(before)) return /^\p{L}/u.test(after)
  return sign === joiner && pictured.test(before) && /^\p{Extended_Pictographic}/u.test(after)
}

/** A team member's name or address; hidden in streamer mode like all names. */
export function shownIdentity(text: string, { hidden }: Pick<Convention, 'hidden'>): string {
  return hidden ? HIDDEN : text
}

/** A person's displayed name; in streamer mode nobody has one. */
export function shownName(
  person: Pick<Person, 'user_id'> & Partial<Person>,
  { hidden }: Pick<Convention, 'hidden'>,
  most = 24,
): string {
  if (hidden) return HIDDEN
  const name = cleanText(person.name ?? '', most)
  if (name !== '') return name
  const handle = cleanText(person.handle ?? '', most)
  return handle === '' ? cleanText(person.user_id, most) || HIDDEN : `@${handle}`
}

/** A comment's text; in streamer mode without the people it mentions. */
export function shownWords(
  text: string,
  { hidden }: Pick<Convention, 'hidden'>,
  most = 200,
): string {
  const words = cleanText(text, most)
  return hidden ? words.replace(/[@＠][\p{L}\p{N}_.]+/gu, `@${HIDDEN}`) : words
}
