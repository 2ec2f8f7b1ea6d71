import { idFields, isCertain, roundedZeros } from '../ids.ts'
import { columnOf, type Mapping } from './mapping.ts'
import { type Money, readMoney } from './money.ts'
import type { RowIds } from './row-ids.ts'
import { readTime } from './time.ts'

export type ReadRow =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly column: string; readonly reason: string; readonly code?: string }

const wholeNumbers: ReadonlySet<string> = new Set([
  'quantity',
  'revision',
  'properties.total',
  'properties.total_users',
  'properties.diamond_count',
])

/** Context while reading: the ids of earlier rows, and the fields whose long ids are rounded. */
export interface RowState {
  readonly ids: RowIds
  readonly rounded: ReadonlySet<string>
  /** Ids that look rounded are accepted unchanged. */
  readonly trustIds: boolean
}

/** The event of one row, before its schema checks it. An empty cell says nothing, except for a time. */
export function readRow(cells: readonly string[], mapping: Mapping, state: RowState): ReadRow {
  const { header, fields, how } = mapping
  if (cells.length !== header.length) {
    const reason = `the row has ${cells.length} cells, the header ${header.length}`
    return { ok: false, column: '', reason }
  }
  const rejected = (field: string, reason: string, code?: string): ReadRow => ({
    ok: false,
    column: columnOf(mapping, field),
    reason,
    ...(code !== undefined && { code }),
  })
  const given = givenIn(cells, mapping)
  if (fields.includes('ts') && !textAt(cells, fields.indexOf('ts'))) {
    return rejected('ts', 'the row has no time', 'no_time')
  }
  const value: Record<string, unknown> = {}
  for (const [field, raw] of given) {
    const text = unguarded(raw)
    if (isId(field) && !state.trustIds) {
      const reason = roundedId(text, state.rounded.has(field))
      if (reason !== undefined) return rejected(field, reason, 'ruined_id')
    }
    if (field === 'amount' && how.money === 'decimal') {
      const read = amountOf(text, given.get('currency'), mapping)
      if (typeof read === 'string') return rejected(field, read)
      value.amount = read.amount
      if (read.currency !== undefined) value.currency = read.currency
      continue
    }
    const read = readCell(field, text, mapping)
    if ('reason' in read) return rejected(field, read.reason)
    assign(value, field, read.value)
  }
  if (value.amount !== undefined && how.currency !== how.creatorCurrency) {
    value.currency ??= how.currency
  }
  const named = state.ids.of(given)
  if ('reason' in named) return rejected('id', named.reason, named.code)
  value.id = unguarded(named.id)
  return { ok: true, value }
}

/** The values of a row's cells, by field. */
function givenIn(
  cells: readonly string[],
  { fields, constants }: Mapping,
): ReadonlyMap<string, string> {
  const given = new Map(constants)
  fields.forEach((field, n) => {
    const text = textAt(cells, n)
    if (field !== undefined && text !== '') given.set(field, text)
  })
  return given
}

const textAt = (cells: readonly string[], n: number): string => cells[n]?.trim() ?? ''

/** A text without what keeps a spreadsheet from reading it as a number: ="576" or '576. */
const unguarded = (text: string): string =>
  /^="([^"]*)"$/.exec(text)?.[1] ?? (/^'\d+$/.test(text) ? text.slice(1) : text)

const ids: ReadonlySet<string> = new Set(idFields)
const isId = (field: string): boolean => ids.has(field)

function roundedId(text: string, isRoundedColumn: boolean): string | undefined {
  const zeros = roundedZeros(text)
  if (zeros === 0 || !(isRoundedColumn || isCertain(zeros))) return undefined
  return `${JSON.stringify(text)} looks like an id that a spreadsheet rounded: export the file again and import it without opening it in a spreadsheet, or add --trust-ids`
}

/** The amount of a row and the currency it names itself, or why there is none. */
export function amountOf(text: string, own: string | undefined, { how }: Mapping): Money | string {
  const { currency, decimal } = how
  return readMoney(text, own ?? currency, { decimal, isOwn: own !== undefined })
}

type Read = { readonly value: unknown } | { readonly reason: string }

function readCell(field: string, text: string, { how }: Mapping): Read {
  if (field === 'ts') {
    const read = readTime(text, how)
    return typeof read === 'number' ? { value: read } : { reason: read }
  }
  if (field === 'amount' || wholeNumbers.has(field)) {
    return /^-?\d{1,16}$/.test(text)
      ? { value: Number(text) }
      : { reason: `${JSON.stringify(text)} is not a whole number` }
  }
  if (field === 'properties.streak_end') return { value: text === 'true' || text === '1' }
  return { value: text }
}

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
  // Not by assignment, which would treat a column called __proto__ specially.
  Object.defineProperty(members, field.slice(at + 1), {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  })
}
