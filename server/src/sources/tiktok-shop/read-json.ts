/** What `JSON.parse` tells a reviver about the source text of a value. */
interface Source {
  readonly source?: string
}

/**
 * Reads JSON in which ids may be integers above 2^53: integers that no number holds exactly become text,
 * digit for digit. Throws a SyntaxError for invalid JSON, like `JSON.parse`.
 */
export function readJson(text: string): unknown {
  // Safe: the third parameter of a reviver is in every engine that runs this, but not in its types yet.
  const parse = JSON.parse as (
    text: string,
    reviver: (key: string, value: unknown, context: Source) => unknown,
  ) => unknown
  return parse(text, (_, value, { source }) =>
    typeof value === 'number' &&
    !Number.isSafeInteger(value) &&
    source !== undefined &&
    /^-?\d+$/.test(source)
      ? source
      : value,
  )
}
