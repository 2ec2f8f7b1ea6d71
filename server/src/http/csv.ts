import { stringify } from 'csv-stringify/sync'

/** `Content-Type` of every CSV download. */
export const csvType = 'text/csv; charset=utf-8'

/** Without it Excel reads a file in the machine's own encoding. */
const BOM = '\ufeff'

type Cell = string | number | null

/** The start of a CSV file: the byte order mark and the column names. */
export function csvHeader(columns: readonly string[]): string {
  return BOM + csvRows([columns])
}

/**
 * Rows of a CSV file, the only writer of one: every cell is quoted, numbers stay numbers, and no text starts
 * a formula in any spreadsheet.
 */
export function csvRows(rows: readonly (readonly Cell[])[]): string {
  return stringify(
    rows.map((row) => [...row]),
    { quoted: true, quoted_empty: true, cast: { string: asPlainText } },
  )
}

/**
 * A text that no spreadsheet executes. Wherever a cell may start, an apostrophe precedes a formula character:
 * at the start, on each line, and after tabs and semicolons, which separate cells in many locales whatever
 * the quotes say.
 */
export function asPlainText(text: string): string {
  return text
    .replace(
      /(^|[\r\n\t;])((?:(?![\r\n\t])[\s\p{Cc}\p{Cf}])*[=+\-@\uff1d\uff0b\uff0d\uff20])/gu,
      "$1'$2",
    )
    .replace(/(^|[\r\n])\t/g, "$1'\t")
}
