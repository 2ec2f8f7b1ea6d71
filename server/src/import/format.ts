import type { ParseArgsOptionsConfig } from 'node:util'
import type { NewCreator } from '@creatorflow/shared/features/creators'

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
    }

/** A file that was opened for reading; each reading gives the same items in the same order. */
export interface Source {
  items(): AsyncGenerator<Item>
  /** Bytes of the file read so far. */
  readonly bytesRead: number
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

/** One kind of file that can be imported. */
export interface Format {
  /** Lines for the usage. */
  readonly about: string
  readonly options?: ParseArgsOptionsConfig
  readonly usage?: string
  /** Reads the options before anything else happens; throws an `Error` that says what is wrong with them. */
  prepare(values: OptionValues, creator: NewCreator): (path: string) => Promise<Source>
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
