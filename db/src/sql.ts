/** One statement: text with `$1 …` placeholders and its values. Values never enter the text. */
export interface Sql {
  readonly text: string
  readonly values: readonly unknown[]
}

// Pieces are recognized by their maker: a caller's JSON of the same shape must stay a value.
const pieces = new WeakSet<object>()

function piece(text: string, values: readonly unknown[]): Sql {
  const made = Object.freeze({ text, values })
  pieces.add(made)
  return made
}

function isSql(value: unknown): value is Sql {
  return typeof value === 'object' && value !== null && pieces.has(value)
}

/**
 * Builds a statement from a template: every `${value}` becomes a placeholder, a nested `sql` piece is
 * spliced in with its own values renumbered.
 */
export function sql(strings: TemplateStringsArray, ...parts: readonly unknown[]): Sql {
  let text = strings[0] ?? ''
  const values: unknown[] = []
  parts.forEach((part, index) => {
    if (isSql(part)) {
      text += part.text.replace(/\$(\d+)/g, (_, n: string) => `$${Number(n) + values.length}`)
      values.push(...part.values)
    } else {
      values.push(part)
      text += `$${values.length}`
    }
    text += strings[index + 1] ?? ''
  })
  return piece(text, values)
}

/** SQL that the program itself wrote (a column name of a catalogue): never caller input. */
export function raw(text: string): Sql {
  return piece(text, [])
}

/** Joins pieces with a separator. */
export function join(pieces: readonly Sql[], separator = ', '): Sql {
  return pieces.reduce(
    (all, piece, index) => (index === 0 ? piece : sql`${all}${raw(separator)}${piece}`),
    raw(''),
  )
}
