import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanText, shownName, shownWords } from './names.ts'
import { nastyNames } from './nasty-names.ts'

const open = { hidden: false }
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
const lengthOf = (text: string) => [...segmenter.segment(text)].length

describe('names', () => {
  it.each([
    ['\u202Eevil\u202C', 'evil'],
    ['a\u200Bb\uFEFFc', 'abc'],
    ['  two \n lines\t', 'two lines'],
    ['a\u0000b\u001B[31m', 'ab[31m'],
    [`Z${'\u0335'.repeat(30)}algo`, 'Z\u0335\u0335algo'],
    ['👩‍👩‍👧 x', '👩‍👩‍👧 x'],
    ['می‌خواهم', 'می‌خواهم'],
    ['Zoë', 'Zoë'],
  ])('[PAGE-12] %j is shown as %j', (raw, shown) => {
    expect(cleanText(raw, 24)).toBe(shown)
  })

  it('[PAGE-12] is cut between visible characters, never within one', () => {
    expect(cleanText('👩‍👩‍👧‍👦'.repeat(4), 3)).toBe(`${'👩‍👩‍👧‍👦'.repeat(3)}…`)
    expect(cleanText('abcdef', 6)).toBe('abcdef')
    expect(cleanText('abc def', 4)).toBe('abc…')
  })

  it('[PAGE-12] any input becomes one bounded line without direction marks, and is stable', () => {
    const wild = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.constantFrom(...nastyNames),
    )
    fc.assert(
      fc.property(wild, (raw) => {
        const shown = cleanText(raw, 24)
        expect(shown).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069\u200B\uFEFF]|\p{M}{3}/u)
        expect(lengthOf(shown)).toBeLessThanOrEqual(25)
        expect(cleanText(shown, 25)).toBe(shown)
      }),
    )
  })

  it("[PAGE-12] shows the name, else handle, else id; an invisible name doesn't count", () => {
    const anna = { user_id: 'u1', handle: 'anna.k', name: 'Anna' }
    expect(shownName(anna, open)).toBe('Anna')
    expect(shownName({ ...anna, name: '\u200B\u3164' }, open)).toBe('@anna.k')
    expect(shownName({ user_id: 'u1' }, open)).toBe('u1')
  })

  it('[PAGE-13] streamer mode hides names, in texts too', () => {
    const hidden = { hidden: true }
    const anna = { user_id: 'u1', handle: 'anna.k', name: 'Anna' }
    expect(shownName(anna, hidden)).toBe(shownName({ user_id: 'somebody else' }, hidden))
    expect(shownWords('hi @anna.k, nice', hidden)).not.toContain('anna')
    expect(shownWords('hi @anna.k, nice', open)).toBe('hi @anna.k, nice')
  })
})
