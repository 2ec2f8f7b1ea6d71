import type { ParseArgsOptionsConfig } from 'node:util'

/** One event of a file, not checked yet, or why a part of the file is not one. */
export type Item =
  | {
      readonly kind: 'event'
      readonly row: number
      readonly value: Readonly<Record<string, unknown>>
    }
  | {
      readonly kind: 'rejected'
      readonly row: number
      readonly column: string
      readonly reason: string
      /** The key it is counted under; `unreadable` by default. */
      readonly code?: string
    }

/** A file opened for reading; each read gives the same items in the same order. */
export interface Source {
  items(): AsyncGenerator<Item>
  /** Bytes of the file read so far. */
  readonly bytesRead: number
  /** Rows skipped on purpose so far. */
  readonly leftOut?: number
  /** The column that a field of an event comes from, for the report of rejected rows. */
  columnOf?(field: string): string
  /** What a person should know before anything is sent. */
  readonly notes?: readonly string[]
  /** Notes on the file after reading, for a person and for a program. */
  summary?(): {
    readonly words: readonly string[]
    readonly json: Readonly<Record<string, unknown>>
  }
}

/** Values of command-line options, by name. */
export type OptionValues = Readonly<Record<string, unknown>>

/** For the creator that a file is for. */
export interface Context {
  /** The assumed currency of an event without one. */
  readonly creatorCurrency: string
  /** For amounts without a currency. */
  readonly currency: string
  /** For times without a zone. */
  readonly timeZone: string
}

/** One kind of importable file. */
export interface Format {
  /** Lines for the usage. */
  readonly about: string
  readonly options?: ParseArgsOptionsConfig
  readonly usage?: string
  /** Reads the options first; throws an `Error` that says what is wrong with them. */
  prepare(values: OptionValues): (path: string, context: Context) => Promise<Source>
}

/** A repeatable option. */
export function listOf(values: OptionValues, name: string): readonly string[] {
  const value = values[name]
  return Array.isArray(value) ? value.map(String) : []
}

export function textOf(values: OptionValues, name: string): string | undefined {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}

export const flagOf = (values: OptionValues, name: string): boolean => values[name] === true

/** An option with a few values; undefined if not given. Throws an `Error` that names them. */
export function choiceOf<T extends string>(
  values: OptionValues,
  name: string,
  choices: readonly T[],
): T | undefined {
  const given = textOf(values, name)
  if (given === undefined) return undefined
  const found = choices.find((choice) => choice === given)
  if (found === undefined) throw new Error(`--${name} is ${choices.join(' or ')}.`)
  return found
}

/** An option that is a whole number from 0. Throws an `Error` otherwise. */
export function wholeNumberOf(values: OptionValues, name: string): number {
  const given = textOf(values, name) ?? '0'
  if (!/^\d{1,9}$/.test(given)) throw new Error(`--${name} must be a whole number.`)
  return Number(given)
}
