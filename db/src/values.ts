// One way to write values and one way to read them, so both drivers give the same types.
import pg from 'pg'
import type { Row } from './database.ts'

export interface Field {
  readonly name: string
  readonly dataTypeID: number
}

type Text = string | null

const parsePostgresTimestamp = pg.types.getTypeParser(1184)
const textArray: number = 1009
const parseTextArray: (text: string) => unknown[] = pg.types.getTypeParser(textArray)

// Types not listed stay text, `date`, `interval` and `numeric` among them.
const scalars: Record<number, (text: string) => unknown> = {
  16: (text) => text === 't',
  17: parseBytes,
  20: parseInteger,
  21: Number,
  23: Number,
  26: Number,
  114: JSON.parse,
  700: Number,
  701: Number,
  1184: parseTimestamp,
  3802: JSON.parse,
}
const elementOf: Record<number, number> = {
  1000: 16,
  1001: 17,
  1005: 21,
  1007: 23,
  1009: 25,
  1015: 1043,
  1016: 20,
  1021: 700,
  1022: 701,
  1185: 1184,
  199: 114,
  2951: 2950,
  3807: 3802,
}

/** Rows from the protocol, turned into objects. */
export function toRows(fields: readonly Field[], rows: readonly (readonly Text[])[]): Row[] {
  const columns = fields.map(({ name, dataTypeID }) => ({ name, parse: parserOf(dataTypeID) }))
  return rows.map((values) => {
    const row: Row = {}
    columns.forEach(({ name, parse }, index) => {
      const text = values[index] ?? null
      row[name] = text === null ? null : parse(text)
    })
    return row
  })
}

/** A parameter as text; an array becomes a PostgreSQL array, an object becomes JSON. */
export function toParameter(value: unknown): Text {
  if (Array.isArray(value)) return `{${value.map(toArrayElement).join(',')}}`
  return toText(value)
}

/** Characters handed to a socket at once: fewer, larger writes cost less. */
const COPY_CHUNK = 262_144

/** Rows in the text format of COPY, in pieces of about 256 kB. */
export function toCopyText(rows: readonly (readonly unknown[])[]): string[] {
  const chunks: string[] = []
  let chunk = ''
  for (const row of rows) {
    chunk += `${row.map(toCopyField).join('\t')}\n`
    if (chunk.length >= COPY_CHUNK) {
      chunks.push(chunk)
      chunk = ''
    }
  }
  if (chunk !== '') chunks.push(chunk)
  return chunks
}

/** The COPY statement that takes what `toCopyText` makes. */
export function copyStatement(table: string, columns: readonly string[], from: string): string {
  const name = table.split('.').map(quote).join('.')
  return `copy ${name} (${columns.map(quote).join(', ')}) from ${from}`
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}

function parserOf(type: number): (text: string) => unknown {
  const element = elementOf[type]
  if (element === undefined) return scalars[type] ?? ((text) => text)
  const parse = scalars[element]
  if (parse === undefined) return parseTextArray
  return (text) => mapNested(parseTextArray(text), parse)
}

function mapNested(values: unknown[], parse: (text: string) => unknown): unknown[] {
  return values.map((value) => {
    if (Array.isArray(value)) return mapNested(value, parse)
    return typeof value === 'string' ? parse(value) : null
  })
}

function parseInteger(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value)) return value
  throw valueError('22003', `${text} is beyond 2^53 and can’t be stored exactly`)
}

function parseTimestamp(text: string): Date {
  const value = parsePostgresTimestamp(text)
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value
  throw valueError('22008', `${text} is not a valid time`)
}

function parseBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.slice(2), 'hex'))
}

function toText(value: unknown): Text {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
      if (!Number.isFinite(value)) throw valueError('22003', `${value} is not a storable number`)
      return String(value)
    case 'bigint':
    case 'boolean':
      return String(value)
    case 'undefined':
      return null
    case 'object':
      if (value === null) return null
      if (value instanceof Date) return value.toISOString()
      if (value instanceof Uint8Array) return `\\x${hex(value)}`
      return JSON.stringify(value)
    default:
      throw valueError('22023', `a ${typeof value} is not a storable value`)
  }
}

const arraySpecial = /["\\]/
const arraySpecials = /["\\]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes them, an array does not.
const jsonOnly = /[\u0000-\u001f\ud800-\udfff]/

function toArrayElement(value: unknown): string {
  if (Array.isArray(value)) return toParameter(value) ?? 'NULL'
  const text = toText(value)
  if (text === null) return 'NULL'
  if (!arraySpecial.test(text)) return `"${text}"`
  // JSON escapes these two in the same way, much faster, but also others.
  return jsonOnly.test(text) ? `"${text.replace(arraySpecials, '\\$&')}"` : JSON.stringify(text)
}

const copyEscapes: Record<string, string> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
}

const copySpecial = /[\\\t\n\r]/
const copySpecials = /[\\\t\n\r]/g

function toCopyField(value: unknown): string {
  const text = toText(value)
  if (text === null) return '\\N'
  if (typeof value === 'number') return text
  // Most texts need no escaping, and checking is much cheaper than replacing.
  if (!copySpecial.test(text)) return text
  return text.replace(copySpecials, (character) => copyEscapes[character] ?? character)
}

function hex({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('hex')
}

function valueError(code: string, message: string): Error {
  return Object.assign(new RangeError(message), { code })
}
