import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'

/** A piece of a file as text. */
export interface Piece {
  readonly text: string
  /** Bytes of the file up to its end. */
  readonly end: number
}

/** A file whose encoding is known and fits all of it. */
export interface TextFile {
  readonly encoding: string
  /** The file ends within a character, so its last line is broken. */
  readonly isCutOff: boolean
  pieces(): AsyncGenerator<Piece>
}

const BEGINNING_BYTES = 65_536
const NEWLINE = 0x0a
/** What a file that is not UTF-8 is shown in, for its reader to recognize the right one. */
const candidates = [
  'windows-1252',
  'windows-1250',
  'windows-1251',
  'shift_jis',
  'gb18030',
  'big5',
  'euc-kr',
]
/** What decoders of single bytes make of those that their encoding does not use. */
const hasNone = /[\u0080-\u009f\ufffd]/
/** How files begin that are not text. */
const notText = [
  {
    starts: [0x50, 0x4b, 0x03, 0x04],
    words: 'is an Excel workbook or a zip archive: save it as CSV',
  },
  { starts: [0xd0, 0xcf, 0x11, 0xe0], words: 'is an Excel workbook: save it as CSV' },
  { starts: [0x1f, 0x8b], words: 'is compressed: unpack it first' },
  { starts: [0xff, 0xfe, 0x00, 0x00], words: 'is UTF-32: save it as UTF-8' },
  { starts: [0x00, 0x00, 0xfe, 0xff], words: 'is UTF-32: save it as UTF-8' },
] as const
const marks = [
  { starts: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
  { starts: [0xff, 0xfe], encoding: 'utf-16le' },
  { starts: [0xfe, 0xff], encoding: 'utf-16be' },
] as const

/** The name of an encoding as this program knows it. Throws an `Error` in words when it knows none of that name. */
export function checkedEncoding(name: string): string {
  try {
    return new TextDecoder(name).encoding
  } catch {
    throw new Error(`--encoding ${name} is unknown: use a name such as ${candidates.join(', ')}.`)
  }
}

/**
 * Finds the encoding of a file: its byte order mark, the `given` one, or UTF-8, and reads it whole to see that it fits.
 * Rejects with words when it does not: a wrong guess would change names for good.
 */
export async function openText(path: string, given?: string): Promise<TextFile> {
  const beginning = await beginningOf(path)
  const begins = ({ starts }: { starts: readonly number[] }) =>
    starts.every((byte, n) => beginning[n] === byte)
  const flaw = notText.find(begins)
  if (flaw) throw new Error(`This file ${flaw.words}.`)
  const encoding = marks.find(begins)?.encoding ?? given ?? unmarkedUtf16(beginning) ?? 'utf-8'
  const { isCutOff, hasEscapes } = await scan(path, encoding)
  if (hasEscapes && given === undefined) {
    throw new Error(
      'This file looks like iso-2022-jp: add --encoding iso-2022-jp, or save it as UTF-8.',
    )
  }
  return { encoding, isCutOff, pieces: () => decoded(path, new TextDecoder(encoding)) }
}

async function* decoded(
  path: string,
  decoder: InstanceType<typeof TextDecoder>,
): AsyncGenerator<Piece> {
  let end = 0
  for await (const chunk of createReadStream(path)) {
    end += (chunk as Buffer).length
    yield { text: decoder.decode(chunk as Buffer, { stream: true }), end }
  }
  const rest = decoder.decode()
  if (rest !== '') yield { text: rest, end }
}

/** Reads a file to its end in an encoding. Rejects with words when it does not fit. */
async function scan(path: string, encoding: string) {
  const decoder = new TextDecoder(encoding, { fatal: true })
  let hasEscapes = false
  try {
    for await (const chunk of createReadStream(path)) {
      const text = decoder.decode(chunk as Buffer, { stream: true })
      // JIS says by escapes which characters follow, in bytes that are ASCII otherwise.
      if (!encoding.startsWith('utf-') && hasNone.test(text)) throw new TypeError('not a character')
      hasEscapes ||= text.includes('\u001b$') || text.includes('\u001b(')
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new Error(await unfitting(path, encoding), { cause: error })
  }
  try {
    decoder.decode()
    return { isCutOff: false, hasEscapes }
  } catch {
    return { isCutOff: true, hasEscapes }
  }
}

async function beginningOf(path: string): Promise<Buffer> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(
    Buffer.alloc(BEGINNING_BYTES),
    0,
    BEGINNING_BYTES,
    0,
  )
  return buffer.subarray(0, bytesRead)
}

/** Text of any language has blanks and line ends, of which UTF-16 makes zeros. */
function unmarkedUtf16(beginning: Buffer): string | undefined {
  const zeros = [0, 0]
  beginning.forEach((byte, n) => {
    if (byte === 0) zeros[n % 2] = (zeros[n % 2] ?? 0) + 1
  })
  const [even = 0, odd = 0] = zeros
  if (even + odd === 0) return undefined
  return odd >= even ? 'utf-16le' : 'utf-16be'
}

async function unfitting(path: string, encoding: string): Promise<string> {
  const advice = 'Set the encoding with --encoding NAME, or save the file as UTF-8.'
  const bad = encoding === 'utf-8' ? await firstBadLine(path) : undefined
  if (!bad) return `This file is not ${encoding}. ${advice}`
  const shown = candidates.flatMap((name) => {
    const text = strictly(name, bad.bytes)
    return text === undefined ? [] : [`  ${name.padEnd(14)}${text.trim()}`]
  })
  return [`Line ${bad.number} of this file is not UTF-8. It reads`, ...shown, advice].join('\n')
}

const SHOWN_BYTES = 24

/** The first line that is not UTF-8, and the bytes around what is wrong with it. */
async function firstBadLine(path: string): Promise<{ number: number; bytes: Buffer } | undefined> {
  let pending = Buffer.alloc(0)
  let number = 1
  for await (const chunk of createReadStream(path)) {
    const bytes = Buffer.concat([pending, chunk as Buffer])
    let from = 0
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
      const line = bytes.subarray(from, at)
      if (strictly('utf-8', line) === undefined) return { number, bytes: around(line) }
      number++
      from = at + 1
    }
    pending = bytes.subarray(from)
  }
  return strictly('utf-8', pending) === undefined ? { number, bytes: around(pending) } : undefined
}

function around(line: Buffer): Buffer {
  // Text of two bytes a character would be cut in its middle: ASCII never stands inside one that is shown here.
  const first = line.findIndex((byte) => byte >= 0x80)
  return line.subarray(Math.max(0, first - SHOWN_BYTES), first + SHOWN_BYTES)
}

function strictly(encoding: string, bytes: Buffer): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, {
      stream: encoding !== 'utf-8',
    })
  } catch {
    return undefined
  }
}
