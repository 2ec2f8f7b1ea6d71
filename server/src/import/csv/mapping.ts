import { hash } from 'node:crypto'
import { readMoney } from './money.ts'
import { readTime } from './time.ts'

/** How the columns of a file become the fields of events. */
export interface Mapping {
  /** Field of each column; undefined for one that is not used. */
  readonly fields: readonly (string | undefined)[]
  readonly header: readonly string[]
  /** Fields that are the same in every row. */
  readonly constants: ReadonlyMap<string, string>
  readonly money: 'decimal' | 'minor'
  /** Of amounts without a currency of their own. */
  readonly currency: string
  /** Of times without a zone. */
  readonly timeZone: string
}

export type MappingOptions = Pick<Mapping, 'money' | 'currency' | 'timeZone'> & {
  /** `column=field`, one each. */
  readonly map: readonly string[]
  /** `field=value`, one each. */
  readonly set: readonly string[]
}

export type ReadRow =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly column: string; readonly reason: string }

/** Fields that a column of the same name fills; `user.…` and `properties.…` go by their full names. */
const plainFields: ReadonlySet<string> = new Set([
  'id',
  'type',
  'ts',
  'session_id',
  'channel',
  'traffic_source',
  'order_id',
  'product_id',
  'sku_id',
  'customer_id',
  'video_id',
  'pin_id',
  'user_id',
  'amount',
  'currency',
  'quantity',
])

/** What else a column may be called. */
const otherNames: Readonly<Record<string, string>> = {
  time: 'ts',
  timestamp: 'ts',
  date: 'ts',
  product_name: 'properties.product_name',
  text: 'properties.text',
}

const wholeNumbers: ReadonlySet<string> = new Set([
  'quantity',
  'properties.total',
  'properties.total_users',
  'properties.diamond_count',
])

/** Decides once for a file what its columns are. Throws an `Error` that says what does not fit. */
export function planMapping(header: readonly string[], options: MappingOptions): Mapping {
  const explicit = new Map<string, string>()
  for (const pair of options.map) {
    const [column, field] = splitAt(pair, pair.lastIndexOf('='), '--map needs column=field')
    if (!header.includes(column)) {
      throw new Error(`--map ${pair}: the file has no column "${column}" but ${header.join(', ')}.`)
    }
    explicit.set(column, checkedField(field, `--map ${pair}`))
  }
  const constants = new Map<string, string>()
  for (const pair of options.set) {
    const [field, value] = splitAt(pair, pair.indexOf('='), '--set needs field=value')
    constants.set(checkedField(field, `--set ${pair}`), value)
  }
  const chosen = new Set([...explicit.values(), ...constants.keys()])
  const fields = header.map((column) => {
    const given = explicit.get(column)
    if (given !== undefined) return given
    const own = fieldNamed(column)
    // What was said on the command line comes before what a name suggests.
    return own !== undefined && !chosen.has(own) ? own : undefined
  })
  const used = fields.filter((field) => field !== undefined)
  const twice = used.find((field, n) => used.indexOf(field) !== n)
  if (twice !== undefined) {
    const columns = header.filter((_, n) => fields[n] === twice).join('" and "')
    throw new Error(
      `The columns "${columns}" are all ${twice}: choose one with --map column=field.`,
    )
  }
  if (!used.includes('type') && !constants.has('type')) {
    throw new Error('No column says what type of event a row is: add --type, or --map column=type.')
  }
  const { money, currency, timeZone } = options
  return { fields, header, constants, money, currency, timeZone }
}

function fieldNamed(column: string): string | undefined {
  const name = column
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9_.]+/g, '_')
  if (plainFields.has(name) || isNested(name)) return name
  return Object.hasOwn(otherNames, name) ? otherNames[name] : undefined
}

function isNested(field: string): boolean {
  return /^properties\.[\w-]{1,100}$/.test(field) || /^user\.(handle|name|avatar)$/.test(field)
}

function checkedField(field: string, where: string): string {
  if (plainFields.has(field) || isNested(field)) return field
  const known = [...plainFields, 'properties.NAME', 'user.handle', 'user.name', 'user.avatar']
  throw new Error(`${where}: "${field}" is no field of an event, which are ${known.join(', ')}.`)
}

function splitAt(pair: string, at: number, words: string): [string, string] {
  if (at <= 0 || at === pair.length - 1) throw new Error(`${words}; what is "${pair}"?`)
  return [pair.slice(0, at), pair.slice(at + 1)]
}

/** The event of one row, before its schema looks at it. An empty cell says nothing. */
export function readRow(cells: readonly string[], mapping: Mapping): ReadRow {
  const { header, fields, constants } = mapping
  if (cells.length !== header.length) {
    const reason = `the row has ${cells.length} cells, the header ${header.length}`
    return { ok: false, column: '', reason }
  }
  const given = new Map(constants)
  fields.forEach((field, n) => {
    const text = cells[n]?.trim() ?? ''
    if (field !== undefined && text !== '') given.set(field, text)
  })
  const value: Record<string, unknown> = {}
  for (const [field, text] of given) {
    const read = readCell(field, text, given.get('currency') ?? mapping.currency, mapping)
    if ('reason' in read) return { ok: false, column: columnOf(mapping, field), ...read }
    assign(value, field, read.value)
  }
  value.id ??= `csv:sha256-${hash('sha256', JSON.stringify([...given].sort()), 'hex')}`
  return { ok: true, value }
}

/** Where a field comes from, for a person who looks for it in the file. */
export function columnOf({ fields, header }: Mapping, field: string): string {
  const n = fields.indexOf(field)
  return n >= 0 ? (header[n] ?? '') : field
}

type Read = { readonly value: unknown } | { readonly reason: string }

function readCell(field: string, text: string, currency: string, mapping: Mapping): Read {
  if (field === 'ts') return valueOr(readTime(text, mapping.timeZone))
  if (field === 'amount' && mapping.money === 'decimal') {
    if (!isCurrency(currency))
      return { reason: `${currency} is no currency, so its cents are unknown` }
    return valueOr(readMoney(text, currency))
  }
  if (field === 'amount' || wholeNumbers.has(field)) {
    return /^-?\d{1,16}$/.test(text)
      ? { value: Number(text) }
      : { reason: `${JSON.stringify(text)} is no whole number` }
  }
  if (field === 'properties.streak_end') return { value: text === 'true' || text === '1' }
  return { value: text }
}

function valueOr(read: number | string): Read {
  return typeof read === 'number' ? { value: read } : { reason: read }
}

const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'))
const isCurrency = (code: string): boolean => currencies.has(code)

function assign(event: Record<string, unknown>, field: string, value: unknown): void {
  const at = field.indexOf('.')
  if (at < 0) {
    event[field] = value
    return
  }
  const group = field.slice(0, at)
  // Only this function makes groups, and it makes them objects.
  const members = (event[group] ?? {}) as Record<string, unknown>
  event[group] = members
  // Not by assignment, which would read a column called __proto__ as something else.
  Object.defineProperty(members, field.slice(at + 1), {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  })
}
