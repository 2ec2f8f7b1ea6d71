import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { fileOf, run } from '../../import/test/run.ts'
import { standIn } from '../../import/test/stand-in.ts'

const text = 'id,type,ts,text\n1,comment,2026-03-01,Käse für 5 €\n'
const line = '{"id":"1","type":"comment","ts":1772389800000,"properties":{"text":"Käse für 5 €"}}\n'
const utf16be = (of: string) => Buffer.from(of, 'utf16le').swap16()
/** The few letters of the texts above that are no ASCII. */
const windows1252 = (of: string) =>
  Buffer.from([...of].map((letter) => (letter === '€' ? 0x80 : (letter.codePointAt(0) ?? 0))))

const encodings = [
  ['UTF-8', (of: string) => Buffer.from(of), []],
  ['UTF-8 with a mark', (of: string) => Buffer.from(`\ufeff${of}`), []],
  ['UTF-16LE with a mark', (of: string) => Buffer.from(`\ufeff${of}`, 'utf16le'), []],
  ['UTF-16BE with a mark', (of: string) => utf16be(`\ufeff${of}`), []],
  ['UTF-16LE', (of: string) => Buffer.from(of, 'utf16le'), []],
  ['UTF-16BE', utf16be, []],
  ['Windows-1252', windows1252, ['--encoding', 'windows-1252']],
  ['Latin-1', windows1252, ['--encoding', 'latin1']],
] as const

test.each(encodings)(
  '[FILE-7][FILE-1] %s is read unchanged, in CSV and in NDJSON',
  async (_, encode, more) => {
    for (const [format, content] of [
      ['csv', text],
      ['ndjson', line],
    ] as const) {
      const server = await standIn()
      const file = await fileOf(`events.${format}`, [])
      await writeFile(file, encode(content))
      const args = [format, file, '--creator', 'ana', '--url', server.url, ...more]
      expect((await run(args)).code).toBe(0)
      expect(server.events.map(({ properties }) => properties)).toEqual([{ text: 'Käse für 5 €' }])
    }
  },
)

test('[FILE-7] invalid UTF-8 is refused, showing the first odd line in likely encodings', async () => {
  const server = await standIn()
  const file = await fileOf('events.csv', [])
  const shiftJis = Buffer.from([0x83, 0x65, 0x83, 0x58, 0x83, 0x67])
  for (const format of ['csv', 'ndjson'] as const) {
    await writeFile(file, Buffer.concat([Buffer.from('id,type,ts,text\n'.repeat(6_000)), shiftJis]))
    const args = [format, file, '--creator', 'ana', '--url', server.url]
    const { code, text: words } = await run(args)
    expect(code).toBe(1)
    expect(words).toContain('Line 6001 of this file is not UTF-8. It reads')
    expect(words).toMatch(/shift_jis +テスト/)
    expect(words).toContain('Set the encoding with --encoding NAME')
    expect(words).not.toContain('\ufffd')
    const wrong = await run([...args, '--encoding', 'euc-jp'])
    expect(wrong.text).toContain('This file is not euc-jp.')
    expect((await run([...args, '--encoding', 'klingon'])).code).toBe(2)
  }
  expect(server.told()).toEqual([])
})

test.each([
  [
    'a workbook',
    Buffer.from('PK\u0003\u0004rest'),
    'is an Excel workbook or a zip archive: save it as CSV',
  ],
  ['gzip', Buffer.from([0x1f, 0x8b, 8]), 'is compressed'],
  ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), 'is UTF-32'],
  ['ISO-2022-JP', Buffer.from('id,type\n1,\u001b$B%F\u001b(B'), 'add --encoding iso-2022-jp'],
  ['a cut off file', Buffer.from('id,type\n1,Käse').subarray(0, -3), 'ends in the middle'],
])('[FILE-7] %s is refused with the reason', async (_, bytes, words) => {
  const server = await standIn()
  const file = await fileOf('events.csv', [])
  await writeFile(file, bytes)
  const { code, text: said } = await run(['csv', file, '--creator', 'ana', '--url', server.url])
  expect(code).toBe(1)
  expect(said).toContain(words)
  expect(server.told()).toEqual([])
})

test('[FILE-7] characters that span chunks stay whole', async () => {
  const server = await standIn()
  const names = Array.from({ length: 8_000 }, (_, n) => `${'x'.repeat(n % 3)}ä€😀${n}`)
  const file = await fileOf('long.csv', [
    'id,type,ts,text',
    ...names.map((name, n) => `${n},comment,2026-03-01,${name}`),
  ])
  await run(['csv', file, '--creator', 'ana', '--url', server.url])
  expect(server.events.map(({ properties }) => properties?.text)).toEqual(names)
})

test('[FILE-7] an NDJSON file that ends within a character loses only its last line', async () => {
  const server = await standIn()
  const file = await fileOf('events.ndjson', [])
  const whole = Buffer.from(line + line.replace('"1"', '"2"'))
  await writeFile(file, whole.subarray(0, whole.indexOf(0xc3, line.length + 1) + 1))
  const { json } = await run(['ndjson', file, '--creator', 'ana', '--url', server.url])
  expect(json).toMatchObject({ accepted: 1, rejected: 1 })
})
