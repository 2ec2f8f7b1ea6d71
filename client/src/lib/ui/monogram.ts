/** Hues that can be told apart in a list; the step between two ids is never a shade of one. */
const HUES = [25, 55, 85, 130, 165, 200, 235, 265, 295, 330] as const

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** The hue of an id, in degrees: the same on every page and every day. */
export function tintOf(id: string): number {
  let hash = 0
  for (const char of id) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) >>> 0
  return HUES[hash % HUES.length] ?? HUES[0]
}

/** One or two letters for a name, as people would shorten it; of a name that begins with a picture, that. */
export function initialsOf(name: string): string {
  const words = name
    .split(/\s+/u)
    .filter((word) => /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(word))
  const firsts = words.map(firstOf)
  const [one = '', two = ''] = firsts
  const isPicture = /\p{Extended_Pictographic}/u.test(one)
  // One sign of these scripts is a word.
  const isWhole = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(
    one,
  )
  return isPicture || isWhole ? one : (one + two).toLocaleUpperCase()
}

/** The first letter, digit or picture of a word; empty when it has none. */
export function firstOf(word: string): string {
  for (const { segment } of graphemes.segment(word)) {
    if (/[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(segment)) return segment
  }
  return ''
}
