import { eventLimits } from '@creatorflow/shared/events'

// What the platform's messages have in common, whoever decoded them. Numbers may be text, and 0 often means
// absent.

/** Numbers below this are seconds: as milliseconds they would be before 1973. */
const FIRST_MILLISECONDS = 10 ** 11
/** Before LIVEs existed, and after any serious clock. */
const FIRST_LIVE = Date.UTC(2016, 0, 1)
const LAST_LIVE = Date.UTC(2100, 0, 1)

/** The part of a message at a path; undefined if absent. */
export function partOf(value: unknown, ...path: readonly string[]): unknown {
  let part = value
  for (const key of path) {
    if (typeof part !== 'object' || part === null || !Object.hasOwn(part, key)) return undefined
    // Safe: it has this own key.
    part = (part as Readonly<Record<string, unknown>>)[key]
  }
  return part
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Text that PostgreSQL can store, cut to `most` characters; undefined if empty. */
export function wordsOf(value: unknown, most: number): string | undefined {
  const text = textOf(value)?.replaceAll('\0', '').slice(0, most).toWellFormed()
  return text === '' ? undefined : text
}

/** A 64-bit id as text; as a number too large to be exact it is no longer an id. 0 means absent. */
export function idOf(value: unknown): string | undefined {
  const id = typeof value === 'number' ? textOfNumber(value) : textOf(value)
  if (id === undefined || id === '' || id === '0') return undefined
  return id.length <= eventLimits.idCharacters ? id : undefined
}

const textOfNumber = (value: number) => (Number.isSafeInteger(value) ? String(value) : undefined)

export function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

/** A non-negative integer. */
export function countOf(value: unknown): number | undefined {
  const number = numberOf(value)
  return number !== undefined && Number.isSafeInteger(number) && number >= 0 ? number : undefined
}

/** A time in seconds or milliseconds, as epoch ms; undefined if absent or nonsense. */
export function timeOf(value: unknown): number | undefined {
  const time = numberOf(value)
  if (time === undefined) return undefined
  const ts = Math.round(time < FIRST_MILLISECONDS ? time * 1_000 : time)
  return ts >= FIRST_LIVE && ts < LAST_LIVE ? ts : undefined
}

/** The first path with a value; protobuf writes '' for an absent one. */
export function first(data: unknown, ...paths: readonly (readonly string[])[]): unknown {
  for (const path of paths) {
    const found = partOf(data, ...path)
    if (found !== undefined && found !== null && found !== '') return found
  }
  return undefined
}

/** A running total or a repeat: absent is 0 on the wire. */
export function positive(value: unknown): number | undefined {
  const count = countOf(value)
  return count === 0 ? undefined : count
}

export function isYes(value: unknown): boolean {
  return value === true || numberOf(value) === 1
}
