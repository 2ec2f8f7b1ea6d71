import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asPlainText } from './plain-text.ts'

test.each([
  ['=1+1', "'=1+1"],
  ['  @SUM(A1)', "'  @SUM(A1)"],
  ['a\n=cmd', "a\n'=cmd"],
  ['\uff1d1', "'\uff1d1"],
  ['\ta', "'\ta"],
  ['a=b', 'a=b'],
  ['', ''],
])('[AUD-3] %j is written as %j', (text, written) => {
  expect(asPlainText(text)).toBe(written)
})

test('[AUD-3] no line of any text begins like a formula, and nothing of the text is lost', () => {
  const pieces = fc.constantFrom(
    '=',
    '+',
    '-',
    '@',
    '\t',
    '\r',
    '\n',
    ' ',
    '\u00a0',
    'a',
    "'",
    '\uff0b',
  )
  const texts = fc.oneof(
    fc.string(),
    fc.array(pieces).map((list) => list.join('')),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const written = asPlainText(text)
      for (const line of written.split(/[\r\n]/)) {
        expect(line.trimStart()).not.toMatch(/^[=+\-@\uff1d\uff0b\uff0d\uff20]/)
        expect(line).not.toMatch(/^\t/)
      }
      expect(written.replaceAll("'", '')).toBe(text.replaceAll("'", ''))
    }),
  )
})
