import { Readable } from 'node:stream'
import { type CsvError, type Info, parse } from 'csv-parse'
import type { TextFile } from '../../../core/text/text.ts'

/** An unclosed quote would otherwise take in the rest of the file. */
const RECORD_BYTES = 1_000_000

export interface TableRow {
  /** The line of the file that it ends in. */
  readonly line: number
  readonly cells: readonly string[]
}

/** What is not a row, and why. */
export interface TableFlaw {
  readonly line: number
  readonly flaw: string
}

export interface Table {
  readonly header: readonly string[]
  /** Bytes of the file read so far by the current read. */
  readonly bytesRead: number
  /** The rows after the header, from the first one each time. */
  rows(): AsyncGenerator<TableRow | TableFlaw>
}

/** Opens a table with a header. Rejects with the reason if it has none. */
export async function openTable(file: TextFile, given: string | undefined): Promise<Table> {
  if (file.isCutOff)
    throw new Error(`This file ends in the middle of a character of ${file.encoding}.`)
  const beginning = await beginningOf(file)
  // Excel stores its separator in a line of its own.
  const told = /^sep=(.)\r?\n/i.exec(beginning)
  const delimiter = given ?? told?.[1] ?? delimiterOf(beginning)
  const from = told ? 2 : 1
  let bytesRead = 0
  async function* records(): AsyncGenerator<TableRow | TableFlaw> {
    const flaws: TableFlaw[] = []
    bytesRead = 0
    const parser = createParser(delimiter, from, (error) => {
      flaws.push({ line: error.lines ?? 0, flaw: error.message })
    })
    const source = Readable.from(
      textOf(file, (end) => {
        bytesRead = end
      }),
    )
    source.on('error', (error) => parser.destroy(error)).pipe(parser)
    parser.on('close', () => source.destroy())
    for await (const { record, info } of parser as AsyncIterable<Parsed>) {
      yield* flaws.splice(0)
      yield { line: info.lines, cells: record }
    }
    yield* flaws
  }
  const header = await headerOf(records())
  return {
    header,
    get bytesRead() {
      return bytesRead
    },
    async *rows() {
      let isHeader = true
      for await (const row of records()) {
        if (isHeader && 'cells' in row) isHeader = false
        else yield row
      }
    },
  }
}

interface Parsed {
  readonly record: readonly string[]
  readonly info: Info
}

function createParser(
  delimiter: string,
  from: number,
  onFlaw: (error: CsvError & { readonly lines?: number }) => void,
) {
  return parse({
    delimiter,
    from_line: from,
    info: true,
    relax_column_count: true,
    // Many programs write a quote within a cell.
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: RECORD_BYTES,
    skip_records_with_error: true,
    on_skip: (error) => {
      if (error) onFlaw(error)
      return undefined
    },
  })
}

async function* textOf(file: TextFile, onRead: (end: number) => void): AsyncGenerator<string> {
  for await (const { text, end } of file.pieces()) {
    onRead(end)
    if (text !== '') yield text
  }
}

async function headerOf(records: AsyncIterable<TableRow | TableFlaw>): Promise<readonly string[]> {
  for await (const row of records) {
    if ('cells' in row) return row.cells.map((name) => name.trim())
  }
  throw new Error('The file has no header.')
}

async function beginningOf(file: TextFile): Promise<string> {
  for await (const { text } of file.pieces()) if (text !== '') return text
  return ''
}

/** The most frequent separator in the header, outside of quotes. */
export function delimiterOf(beginning: string): string {
  const header = beginning.replace(/"[^"]*"/g, '').split(/\r?\n/, 1)[0] ?? ''
  const counts = [',', ';', '\t', '|'].map((mark) => ({ mark, count: header.split(mark).length }))
  return counts.reduce((best, other) => (other.count > best.count ? other : best)).mark
}
