/** Which rows of a table are data, by the command line. */
export interface PickOptions {
  /** Rows right after the header that are not data, such as descriptions of the columns. */
  readonly skipRows: number
  /** `column=value`: only rows with one of the values of each named column. */
  readonly only: readonly string[]
  /** `column=value`: no row with any of them. */
  readonly except: readonly string[]
}

/** Whether the row at `index` after the header, counted from 0, is wanted. */
export type Pick = (cells: readonly string[], index: number) => boolean

/** Decides once per file which rows are wanted. Throws an `Error` if it has no such column. */
export function planPick(header: readonly string[], { skipRows, only, except }: PickOptions): Pick {
  const wanted = valuesByColumn(header, '--only', only)
  const unwanted = valuesByColumn(header, '--except', except)
  return (cells, index) => {
    if (index < skipRows) return false
    // In a row of another length nobody knows which value belongs to which column: it is rejected, not
    // skipped.
    if (cells.length !== header.length) return true
    const cellOf = (column: number) => cells[column]?.trim() ?? ''
    return (
      [...wanted].every(([column, values]) => values.has(cellOf(column))) &&
      ![...unwanted].some(([column, values]) => values.has(cellOf(column)))
    )
  }
}

function valuesByColumn(
  header: readonly string[],
  option: string,
  pairs: readonly string[],
): ReadonlyMap<number, ReadonlySet<string>> {
  const byColumn = new Map<number, Set<string>>()
  for (const pair of pairs) {
    // Names and values may contain the sign themselves: the longest matching column is meant.
    const [name] = header
      .filter((column) => pair.startsWith(`${column}=`))
      .sort((a, b) => b.length - a.length)
    if (name === undefined) {
      throw new Error(`${option} ${pair}: write COLUMN=VALUE with one of ${header.join(', ')}.`)
    }
    const column = header.indexOf(name)
    const values = byColumn.get(column) ?? new Set()
    byColumn.set(column, values.add(pair.slice(name.length + 1).trim()))
  }
  return byColumn
}
