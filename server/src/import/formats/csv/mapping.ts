import { idFields } from '../ids.ts'
import type { DecimalMark } from './money.ts'
import type { TimeOptions } from './time.ts'

/** How the columns of a file become the fields of events. */
export interface Mapping {
  /** Field of each column; undefined for an unused one. */
  readonly fields: readonly (string | undefined)[]
  readonly header: readonly string[]
  /** Fields with the same value in every row. */
  readonly constants: ReadonlyMap<string, string>
  readonly how: Reading
}

/** How cells are written. */
export interface Reading extends TimeOptions {
  readonly money: 'decimal' | 'minor'
  readonly decimal: DecimalMark | undefined
  /** For amounts without their own currency. */
  readonly currency: string
  /** The assumed currency of an event without one. */
  readonly creatorCurrency: string
  /** Rows happen when they arrive: for files without times. */
  readonly isNow: boolean
}

export type MappingOptions = Reading & {
  /** `column=field`, one each. */
  readonly map: readonly string[]
  /** `field=value`, one each. */
  readonly set: readonly string[]
}

/** Fields filled by a column of the same name; `user.…` and `properties.…` go by their full names. */
const plainFields: ReadonlySet<string> = new Set([
  ...idFields.filter((field) => !field.includes('.')),
  'type',
  'ts',
  'revision',
  'channel',
  'traffic_source',
  'amount',
  'currency',
  'quantity',
])

/** Other accepted column names. */
const otherNames: Readonly<Record<string, string>> = {
  time: 'ts',
  timestamp: 'ts',
  date: 'ts',
  product_name: 'properties.product_name',
  text: 'properties.text',
}

/** Decides once per file what its columns are. Throws an `Error` that says what does not fit. */
export function planMapping(header: readonly string[], options: MappingOptions): Mapping {
  const explicit = new Map<string, string>()
  for (const pair of options.map) {
    const [column, field] = splitAt(pair, pair.lastIndexOf('='), '--map needs column=field')
    if (!header.includes(column)) {
      throw new Error(
        `--map ${pair}: the file has no column "${column}". Its columns are ${header.join(', ')}.`,
      )
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
    // The command line takes precedence over what a name suggests.
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
    throw new Error('No column has the event type. Add --type, or --map column=type.')
  }
  const { map: _map, set: _set, ...how } = options
  const timeColumn = header[fields.indexOf('ts')]
  if (timeColumn !== undefined && how.isNow) {
    throw new Error(
      `--now works only for files without times, but the column "${timeColumn}" is mapped to ts.`,
    )
  }
  if (timeColumn === undefined && !constants.has('ts') && !how.isNow) {
    throw new Error(
      'No column has the time. Add --map column=ts, or --now if everything happens right now.',
    )
  }
  return { fields, header, constants, how }
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
  throw new Error(
    `${where}: "${field}" is not a field of an event. The fields are ${known.join(', ')}.`,
  )
}

function splitAt(pair: string, at: number, words: string): [string, string] {
  if (at <= 0 || at === pair.length - 1) throw new Error(`${words}; what is "${pair}"?`)
  return [pair.slice(0, at), pair.slice(at + 1)]
}

/** Where a field comes from, for someone who looks for it in the file. */
export function columnOf({ fields, header }: Mapping, field: string): string {
  const n = fields.indexOf(field)
  return n >= 0 ? (header[n] ?? '') : field
}
