import { idFields, isCertain, roundedZeros } from '../ids.ts'
import type { Mapping } from './mapping.ts'
import { isUnclearAmount } from './money.ts'
import type { Pick } from './pick.ts'
import type { Table } from './table.ts'
import { type DateFormat, isUnclearDate, readTime } from './time.ts'

/** What only the whole file shows, found before anything of it is sent. */
export interface Survey {
  /** Fields whose long ids a spreadsheet rounded. */
  readonly rounded: ReadonlySet<string>
}

/** Different rounded ids checked per column; more prove no more. */
const ROUNDED_IDS = 100

/**
 * Reads a table to its end for ambiguous values. Rejects with what to add to the command: a guess that fits
 * one file may misread the next, so nothing is guessed.
 */
export async function survey(table: Table, mapping: Mapping, pick: Pick): Promise<Survey> {
  const { fields, header, constants, how } = mapping
  const columns = new Map(fields.flatMap((field, n) => (field === undefined ? [] : [[field, n]])))
  const dates = how.dateFormat === undefined ? createDateFinder(how.timeZone) : undefined
  const asksDecimal = how.decimal === undefined && how.money === 'decimal'
  const roundings = idFields
    .filter((field) => columns.has(field))
    .map((field) => ({ field, long: 0, rounded: 0, zeros: new Map<string, number>() }))
  let amount: string | undefined
  let index = 0
  let picked = 0
  for await (const row of table.rows()) {
    if (!('cells' in row) || !pick(row.cells, index++)) continue
    picked++
    const cellOf = (field: string) => row.cells[columns.get(field) ?? -1]?.trim() ?? ''
    dates?.note(cellOf('ts'))
    const currency = cellOf('currency') || constants.get('currency') || how.currency
    if (asksDecimal && isUnclearAmount(cellOf('amount'), currency)) amount ??= cellOf('amount')
    for (const found of roundings) {
      const id = cellOf(found.field)
      if (!/^\d{16,}$/.test(id)) continue
      found.long++
      const zeros = roundedZeros(id)
      if (zeros === 0) continue
      found.rounded++
      if (found.zeros.size < ROUNDED_IDS) found.zeros.set(id, zeros)
    }
  }
  if (index > 0 && picked === 0) {
    throw new Error('No rows are left after --skip-rows, --only and --except. Check their values.')
  }
  const nameOf = (field: string) => JSON.stringify(header[columns.get(field) ?? -1] ?? field)
  const questions = [
    ...(dates?.question(nameOf('ts')) ?? []),
    ...(amount === undefined ? [] : [decimalQuestion(nameOf('amount'), amount)]),
  ]
  if (questions.length > 0) throw new Error(questions.join('\n'))
  const isRounded = ({ long, rounded, zeros }: (typeof roundings)[number]) =>
    2 * rounded >= long && isCertain([...zeros.values()].reduce((sum, n) => sum + n, 0))
  return { rounded: new Set(roundings.filter(isRounded).map(({ field }) => field)) }
}

const dateFormats = { mdy: 'month first', dmy: 'day first' } as const

/** Collects dates in which the day or the month may come first, and what would fit all of them. */
function createDateFinder(timeZone: string) {
  const fits = new Set<DateFormat>(['mdy', 'dmy'])
  let example: string | undefined
  return {
    note(text: string) {
      if (!isUnclearDate(text)) return
      example ??= text
      for (const dateFormat of fits) {
        if (typeof readTime(text, { timeZone, dateFormat }) === 'string') fits.delete(dateFormat)
      }
    },
    question(column: string): string[] {
      if (example === undefined) return []
      const choices = Object.entries(dateFormats).map(
        ([id, words]) => `--date-format ${id} (${words})`,
      )
      const [only, ...others] = fits
      const hint =
        only === undefined
          ? 'Neither fits all dates in this file.'
          : others.length > 0
            ? 'Both fit all dates in this file.'
            : `Only ${only} fits all dates in this file.`
      return [
        `In ${column}, the day or the month may come first in dates such as "${example}": add ${choices.join(' or ')}. ${hint}`,
      ]
    },
  }
}

const decimalQuestion = (column: string, example: string): string =>
  `In ${column}, the decimals of amounts such as "${example}" are ambiguous: add --decimal comma (1.234,50) or --decimal point (1,234.50).`
