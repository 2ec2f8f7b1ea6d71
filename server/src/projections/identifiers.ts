/** Everything that identifies a person, and its replacement. */
export interface Person {
  readonly userId: string
  /** The random name that replaces the id. */
  readonly pseudonym: string
  readonly handles: readonly string[]
  readonly names: readonly string[]
  /** Ids of the person's orders, and the random ones that replace them. */
  readonly orders: ReadonlyMap<string, string>
}

export interface Identifiers {
  /** What a text must contain, in original or lower case, to be checked. For a database: no false negatives. */
  readonly needles: readonly string[]
  /** The same for bytes of messages: only what is too long to be there by chance. */
  readonly inMessages: readonly string[]
  /** A text without what identifies the person. */
  redact(text: string): string
  /** An id composed of others, such as `shopify:1001:paid`. */
  redactId(id: string): string
  /** A JSON value, with every text and key in it. */
  redactValue(value: unknown): unknown
}

/** Shorter ones occur in too many unrelated texts. */
const leastOrderLength = 4
const leastNameLength = 3
const gone = '[erased]'
/** Scripts without spaces between words. */
const unspaced =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u

/** Finds and replaces what identifies a person; part of a longer word is someone or something else. */
export function identifiersOf({ userId, pseudonym, handles, names, orders }: Person): Identifiers {
  const orderIds = [...orders.keys()]
  const longOrders = orderIds.filter((id) => id.length >= leastOrderLength)
  const telling = names.filter((name) => name.length >= leastNameLength || unspaced.test(name))
  const replacements = new Map<string, string>([
    ...telling.map((name) => [name, gone] as const),
    ...handles.map((handle) => [handle.toLowerCase(), gone] as const),
    ...longOrders.map((id) => [id, orders.get(id) ?? gone] as const),
    [userId, pseudonym],
  ])
  // Longest first: a name may start with a handle.
  const exact = patternOf([userId, ...longOrders, ...telling], 'gu')
  const anyCase = patternOf(handles, 'giu')
  const ofIds = patternOf([userId, ...orderIds], 'gu')

  const redact = (text: string): string => {
    const first = exact ? text.replace(exact, (found) => replacements.get(found) ?? gone) : text
    return anyCase ? first.replace(anyCase, gone) : first
  }

  return {
    needles: needlesOf([userId, ...longOrders, ...telling, ...handles]),
    inMessages: [userId, ...longOrders, ...telling, ...handles],
    redact,
    redactId: (id) => (ofIds ? id.replace(ofIds, (found) => orders.get(found) ?? pseudonym) : id),
    redactValue: (value) => mapTexts(value, redact),
  }
}

/** Applies a function to every text of a JSON value, keys too. */
export function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (typeof value === 'number') {
    // An id sent as a number.
    const text = String(value)
    const after = text.length >= leastOrderLength ? change(text) : text
    return after === text ? value : after
  }
  if (Array.isArray(value)) return value.map((one) => mapTexts(one, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [change(key), mapTexts(one, change)]),
  )
}

function needlesOf(texts: readonly string[]): string[] {
  const forms = texts.flatMap((text) => {
    const inJson = JSON.stringify(text).slice(1, -1)
    return [text, inJson, text.toLowerCase(), inJson.toLowerCase()]
  })
  return [...new Set(forms)]
}

function patternOf(texts: readonly string[], flags: string): RegExp | undefined {
  const words = [...new Set(texts)].filter(Boolean).sort((a, b) => b.length - a.length)
  if (words.length === 0) return undefined
  return new RegExp(words.map(bounded).join('|'), flags)
}

/** A separate word; a dot between letters joins them, as in handles. */
function bounded(word: string): string {
  const escaped = word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  if (unspaced.test(word)) return escaped
  const [first = '', last = ''] = [[...word][0], [...word].at(-1)]
  const before = /[\p{L}\p{N}_]/u.test(first) ? '(?<![\\p{L}\\p{N}_]\\.?)' : ''
  const after = /[\p{L}\p{N}_]/u.test(last) ? '(?!\\.?[\\p{L}\\p{N}_])' : ''
  return `${before}${escaped}${after}`
}
