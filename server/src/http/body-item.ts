/** One value of a body, or why it is not one. `index` is the position in the array, or the line, starting at 0. */
export type BodyItem =
  | { readonly index: number; readonly value: unknown }
  | {
      readonly index: number
      readonly flaw: 'invalid_json' | 'line_too_long'
      readonly message: string
    }

type Parsed =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string }

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

/** JSON in strict UTF-8. */
export function parseJson(bytes: Buffer): Parsed {
  try {
    return { ok: true, value: JSON.parse(strictUtf8.decode(bytes)) }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { ok: false, message: message.slice(0, 200).toWellFormed() }
  }
}
