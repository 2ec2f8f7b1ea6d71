import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { type CsvError, type Info, parse } from 'csv-parse'
import { type Format, type Item, listOf, textOf } from '../format.ts'
import { columnOf, type MappingOptions, planMapping, readRow } from './mapping.ts'

const HEADER_BYTES = 65_536
/** A quote that nothing closes would else take in the rest of the file. */
const RECORD_BYTES = 1_000_000

/** Tables with a header: what each column is follows from its name, or is said. */
export const csv: Format = {
  about: 'a table with a header, one event a row',
  options: {
    map: { type: 'string', multiple: true },
    set: { type: 'string', multiple: true },
    type: { type: 'string' },
    money: { type: 'string', default: 'decimal' },
    delimiter: { type: 'string' },
  },
  usage: `  --map COLUMN=FIELD  what a column is, such as "Order ID=order_id" or "Item=properties.product_name";
                      columns that are called like a field need none
  --set FIELD=VALUE   a field that is the same in every row, such as channel=shopify
  --type TYPE         the type of every event, the same as --set type=TYPE
  --money HOW         decimal (12.50, unless given) or minor (1250): how amounts are written
  --delimiter CHAR    what separates cells; found out from the header unless given
                      Times without a zone are those of --time-zone, amounts without a currency of --currency.`,
  prepare(values, { currency, time_zone }) {
    const money = textOf(values, 'money')
    if (money !== 'decimal' && money !== 'minor') throw new Error('--money is decimal or minor.')
    const type = textOf(values, 'type')
    const delimiter = textOf(values, 'delimiter')
    const options: MappingOptions = {
      map: listOf(values, 'map'),
      set: [...listOf(values, 'set'), ...(type === undefined ? [] : [`type=${type}`])],
      money,
      currency,
      timeZone: time_zone,
    }
    return (path) => openTable(path, options, delimiter)
  },
}

async function openTable(path: string, options: MappingOptions, given: string | undefined) {
  const beginning = await beginningOf(path)
  const delimiter = given ?? delimiterOf(beginning)
  const header = await headerOf(path, delimiter)
  const mapping = planMapping(header, options)
  const unused = header.filter((_, n) => mapping.fields[n] === undefined)
  let bytesRead = 0
  return {
    get bytesRead() {
      return bytesRead
    },
    columnOf: (field: string) => columnOf(mapping, field),
    notes: [
      ...header.flatMap((column, n) => {
        const field = mapping.fields[n]
        return field === undefined ? [] : [`  ${column} → ${field}`]
      }),
      ...(unused.length > 0 ? [`  not used: ${unused.join(', ')}`] : []),
    ],
    async *items(): AsyncGenerator<Item> {
      const flaws: Item[] = []
      const records = readRecords(path, delimiter, (error) => {
        flaws.push({ kind: 'rejected', row: error.lines ?? 0, column: '', reason: error.message })
      })
      let isHeader = true
      for await (const { record, info } of records) {
        yield* flaws.splice(0)
        bytesRead = info.bytes
        if (isHeader) {
          isHeader = false
          continue
        }
        const read = readRow(record, mapping)
        const row = info.lines
        if (read.ok) yield { kind: 'event', row, value: read.value }
        else yield { kind: 'rejected', row, column: read.column, reason: read.reason }
      }
      yield* flaws
    },
  }
}

interface Record {
  readonly record: readonly string[]
  readonly info: Info
}

/** The rows of a table as they are read; what is no row is told to `onFlaw`. */
function readRecords(
  path: string,
  delimiter: string,
  onFlaw: (error: CsvError & { readonly lines?: number }) => void,
): AsyncIterable<Record> {
  const parser = parse({
    delimiter,
    bom: true,
    info: true,
    relax_column_count: true,
    // A quote within a cell is one that many programs write.
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: RECORD_BYTES,
    skip_records_with_error: true,
    on_skip: (error) => {
      if (error) onFlaw(error)
      return undefined
    },
  })
  const source = createReadStream(path)
  source.on('error', (error) => parser.destroy(error)).pipe(parser)
  parser.on('close', () => source.destroy())
  return parser
}

async function headerOf(path: string, delimiter: string): Promise<readonly string[]> {
  for await (const { record } of readRecords(path, delimiter, () => {})) {
    return record.map((name) => name.trim())
  }
  throw new Error('The file has no header.')
}

async function beginningOf(path: string): Promise<string> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0)
  return buffer.toString('utf8', 0, bytesRead)
}

/** The separator that the header has most of, outside quotes. */
export function delimiterOf(beginning: string): string {
  const header = beginning.replace(/"[^"]*"/g, '').split(/\r?\n/, 1)[0] ?? ''
  const counts = [',', ';', '\t', '|'].map((mark) => ({ mark, count: header.split(mark).length }))
  return counts.reduce((best, other) => (other.count > best.count ? other : best)).mark
}
