import { hash } from 'node:crypto'

/** The ids of the rows of one file, read from its first row on. */
export interface RowIds {
  /** The id of a row, or why it has none. `given` are its cells' values, by field. */
  of(
    given: ReadonlyMap<string, string>,
  ): { readonly id: string } | { readonly reason: string; readonly code?: string }
}

/**
 * A row without an id is identified by its content and by the number of equal rows before it: two equal rows
 * are two events, and the same file again, in any order or longer, has the same ids. Revisions of an id are
 * separate rows.
 */
export function createRowIds(): RowIds {
  const occurrences = new Map<string, number>()
  const contents = new Map<string, string>()
  return {
    of(given) {
      const says = [...given].sort()
      const revision = given.get('revision') ?? '0'
      const id = given.get('id')
      if (id !== undefined) {
        const content = shortHash(JSON.stringify(says))
        const statement = `${revision} ${id}`
        const before = contents.get(statement)
        if (before === undefined) contents.set(statement, content)
        else if (before !== content) {
          return {
            code: 'id_repeated',
            reason: `the id ${JSON.stringify(id)} was already used by an earlier row with different content: map a column that is unique per row, or leave id out`,
          }
        }
        return { id }
      }
      if (revision !== '0') {
        return { reason: 'a revision needs the id of the event it restates: map a column to id' }
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
