import type { ParseArgsOptionsConfig } from 'node:util'

/** One event of a file, not checked yet, or why a part of the file is none. */
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
      /** Under which it is counted; `unreadable` unless given. */
      readonly code?: string
    }

/** A file that was opened for reading; each reading gives the same items in the same order. */
export interface Source {
  items(): AsyncGenerator<Item>
  /** Bytes of the file read so far. */
  readonly bytesRead: number
  /** Rows read so far that were left out on purpose. */
  readonly leftOut?: number
  /** The column that a field of an event comes from, for the report of rejected rows. */
  columnOf?(field: string): string
  /** What a person should know before anything is sent. */
  readonly notes?: readonly string[]
  /** What there is to say of the file once it was read, for a person and for a program. */
  summary?(): {
    readonly words: readonly string[]
    readonly json: Readonly<Record<string, unknown>>
  }
}

/** Values of the options of a command line, by name. */
export type OptionValues = Readonly<Record<string, unknown>>

/** Of the creator that a file is for. */
export interface Context {
  /** What an event without a currency is taken to be in. */
  readonly creatorCurrency: string
  /** Of amounts without a currency. */
  readonly currency: string
  /** Of times without a zone. */
  readonly timeZone: string
}

/** One kind of file that can be imported. */
export interface Format {
  /** Lines for the usage. */
  readonly about: string
  readonly options?: ParseArgsOptionsConfig
  readonly usage?: string
  /** Reads the options before anything else happens; throws an `Error` that says what is wrong with them. */
  prepare(values: OptionValues): (path: string, context: Context) => Promise<Source>
}

/** An option that may be given several times. */
export function listOf(values: OptionValues, name: string): readonly string[] {
  const value = values[name]
  return Array.isArray(value) ? value.map(String) : []
}

export function textOf(values: OptionValues, name: string): string | undefined {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}

export const flagOf = (values: OptionValues, name: string): boolean => values[name] === true

/** An option with a few values; undefined when it was not given. Throws an `Error` that names them. */
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

/** An option that is a whole number from 0. Throws an `Error` when it is none. */
export function wholeNumberOf(values: OptionValues, name: string): number {
  const given = textOf(values, name) ?? '0'
  if (!/^\d{1,9}$/.test(given)) throw new Error(`--${name} must be a whole number.`)
  return Number(given)
}
