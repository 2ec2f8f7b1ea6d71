import { glob, readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asPlainText, csvHeader, csvRows } from './csv.ts'

test.each([
  ['=1+1', "'=1+1"],
  ['  @SUM(A1)', "'  @SUM(A1)"],
  ['a\n=cmd', "a\n'=cmd"],
  ['\uff1d1', "'\uff1d1"],
  ['\ta', "'\ta"],
  ['x;=cmd|x', "x;'=cmd|x"],
  ['x; \t=cmd', "x; \t'=cmd"],
  ['\t=cmd', "'\t'=cmd"],
  ['a\t@x', "a\t'@x"],
  ['\r=cmd', "\r'=cmd"],
  ['\u200b=cmd', "'\u200b=cmd"],
  ['\u0000-1', "'\u0000-1"],
  ['a=b', 'a=b'],
  ['a, -b; c', 'a, -b; c'],
  ['', ''],
])('[WEB-6] %j is written as %j', (text, written) => {
  expect(asPlainText(text)).toBe(written)
})

test('[WEB-6] no line of any text starts a formula, and no text is lost', () => {
  const pieces = fc.constantFrom(
    '=',
    '+',
    '-',
    '@',
    '\t',
    '\r',
    '\n',
    ' ',
    ';',
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
        for (const cell of line.split(/[;\t]/)) {
          expect(cell.trimStart()).not.toMatch(/^[=+\-@\uff1d\uff0b\uff0d\uff20]/)
        }
        expect(line.trimStart()).not.toMatch(/^[=+\-@\uff1d\uff0b\uff0d\uff20]/)
        expect(line).not.toMatch(/^\t/)
      }
      expect(written.replaceAll("'", '')).toBe(text.replaceAll("'", ''))
    }),
  )
})

test('[WEB-6] a file starts with a byte order mark, and every cell is quoted', () => {
  expect(csvHeader(['id', 'name'])).toBe('\ufeff"id","name"\n')
  const rows = [
    [1, 'Käse', null, ''],
    [-2.5, 'a "b"\nc', '=1+1', 'x;=1'],
  ]
  expect(csvRows(rows)).toBe('"1","Käse","",""\n"-2.5","a ""b""\nc","\'=1+1","x;\'=1"\n')
})

test('[WEB-6] nothing else in the server writes CSV', async () => {
  const source = new URL('../', import.meta.url)
  const writers: string[] = []
  for await (const file of glob('**/*.ts', { cwd: source })) {
    if (file.endsWith('.test.ts')) continue
    const text = await readFile(new URL(file, source), 'utf8')
    if (/from 'csv-stringify/.test(text)) writers.push(file)
  }
  expect(writers).toEqual(['http/csv.ts'])
})
