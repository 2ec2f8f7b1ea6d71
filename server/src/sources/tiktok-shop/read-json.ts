/** What `JSON.parse` tells a reviver of the text that a value was read from. */
interface Source {
  readonly source?: string
}

/**
 * Reads JSON in which ids may be integers above 2^53: whole numbers that no number holds exactly come as text, digit
 * for digit. Throws a SyntaxError for what is no JSON, as `JSON.parse` does.
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
