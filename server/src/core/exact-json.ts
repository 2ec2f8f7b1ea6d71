const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * JSON in which integers that no number holds exactly, such as ids above 2^53, become text. Throws if it is
 * not JSON in UTF-8.
 */
export function parseExactJson(bytes: Uint8Array): unknown {
  return JSON.parse(strictUtf8.decode(bytes), function keepDigits(
    _key: string,
    value: unknown,
    // The third argument exists since Node 21; the library's types lack it.
    context?: { readonly source?: string },
  ) {
    if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
    const { source } = context ?? {}
    return source !== undefined && /^-?\d+$/.test(source) ? source : value
  } as (key: string, value: unknown) => unknown)
}
