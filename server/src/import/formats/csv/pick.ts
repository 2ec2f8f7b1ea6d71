/** Which rows of a table are data, as the command line says it. */
export interface PickOptions {
  /** Rows right after the header that are no data, such as descriptions of the columns. */
  readonly skipRows: number
  /** `column=value`: only rows with one of the values of each column named. */
  readonly only: readonly string[]
  /** `column=value`: no row with any of them. */
  readonly except: readonly string[]
}

/** Tells whether the row that is the `index`-th after the header, counted from 0, is wanted. */
export type Pick = (cells: readonly string[], index: number) => boolean

/** Decides once for a file which of its rows are wanted. Throws an `Error` when it has no such column. */
export function planPick(header: readonly string[], { skipRows, only, except }: PickOptions): Pick {
  const wanted = valuesByColumn(header, '--only', only)
  const unwanted = valuesByColumn(header, '--except', except)
  return (cells, index) => {
    if (index < skipRows) return false
    // Nobody knows what a row of another length says in which column: it is rejected, not left out.
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
    // Names and values may hold the sign themselves: the longest column that fits is meant.
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
