/** Locales that no person speaks: they show what breaks when words get longer, or run from right to left. */
export const pseudoLocales = { 'en-XA': 'ltr', 'en-XB': 'rtl' } as const
export type PseudoLocale = keyof typeof pseudoLocales

/** Whether a build of that name speaks a pseudo-locale. */
export const isPseudoLocale = (name: string): name is PseudoLocale => name in pseudoLocales

/** What stands around each message of a pseudo-locale: a text without them is not a message, or was cut. */
export const brackets = ['⟦', '⟧'] as const

const accents = new Map(
  Object.entries({
    a: 'á',
    e: 'é',
    i: 'í',
    o: 'ó',
    u: 'ú',
    c: 'ç',
    n: 'ñ',
    y: 'ý',
    s: 'š',
    A: 'Á',
    E: 'É',
    I: 'Í',
    O: 'Ó',
    U: 'Ú',
    C: 'Ç',
    N: 'Ñ',
    S: 'Š',
  }),
)
const vowels = /[aeiou]/
// Inputs, markup and escaped characters are not words.
const token = /\\.|\{[^}]*\}|[^\\{]+/gs
const LONGER = 1.4

/** An English text with accents, at least two fifths longer, between brackets. */
export function pseudoText(text: string): string {
  let words = 0
  let written = 0
  const tokens = (text.match(token) ?? []).map((part) => {
    if (part.startsWith('{') || part.startsWith('\\')) return part
    words += part.length
    const longer = [...part].map((letter) => {
      const accented = accents.get(letter) ?? letter
      return vowels.test(letter) ? accented + accented : accented
    })
    const result = longer.join('')
    written += result.length
    return result
  })
  const missing = Math.ceil(words * LONGER) - written
  const rest = missing > 0 ? ` ${'·'.repeat(missing)}` : ''
  return `${brackets[0]}${tokens.join('')}${rest}${brackets[1]}`
}
