import { hash } from 'node:crypto'

/** The ids of the rows of one file, read from its first row on. */
export interface RowIds {
  /** The id of a row, or why it has none. `given` is what its cells say, by field. */
  of(given: ReadonlyMap<string, string>): { readonly id: string } | { readonly reason: string }
}

/**
 * A row without an id is named by what it says and by how many rows before it say the same: two equal rows are two
 * events, and the same file again, in any order or longer, has the same ids.
 */
export function createRowIds(): RowIds {
  const occurrences = new Map<string, number>()
  const contents = new Map<string, string>()
  return {
    of(given) {
      const says = [...given].sort()
      const id = given.get('id')
      if (id !== undefined) {
        const content = shortHash(JSON.stringify(says))
        const before = contents.get(id)
        if (before === undefined) contents.set(id, content)
        else if (before !== content) {
          return {
            reason: `the id ${JSON.stringify(id)} stands in a row before, which says something else: map a column that differs in each row, or leave id out`,
          }
        }
        return { id }
      }
      const text = JSON.stringify(says)
      const key = shortHash(text)
      const n = occurrences.get(key) ?? 0
      occurrences.set(key, n + 1)
      const content = n === 0 ? text : JSON.stringify([says, n])
      return { id: `csv:sha256-${hash('sha256', content, 'hex')}` }
    },
  }
}

/** 16 bytes as a string of 16 characters: a file may have millions of rows. */
const shortHash = (text: string): string =>
  hash('sha256', text, 'buffer').subarray(0, 16).toString('latin1')
