import { z } from 'zod'

/** What docs/CONFIG.md says about a variable. */
export interface Description {
  /** For most installations; the others have defaults that rarely need a change. */
  readonly isBasic?: boolean
  readonly unit: string
  /** As written in the environment; empty if the variable may be absent. */
  readonly fallback: string
  readonly text: string
}

const descriptions = z.registry<Description>()

/** A variable with a default, which passes the same checks as a given value. */
export function variable<T>(
  schema: z.ZodType<T, string>,
  fallback: string,
  unit: string,
  text: string,
) {
  return schema.prefault(fallback).register(descriptions, { unit, fallback, text })
}

/** A variable that may be absent. */
export function optional<T>(schema: z.ZodType<T, string>, unit: string, text: string) {
  return schema.optional().register(descriptions, { unit, fallback: '', text })
}

/** Marks a variable that most installations look at. */
export function basic<T extends z.ZodType>(schema: T): T {
  const description = descriptions.get(schema)
  if (!description) throw new Error('only a variable with a description can be basic')
  descriptions.add(schema, { ...description, isBasic: true })
  return schema
}

/** A whole number, written in digits. */
export function whole(least: number, most: number = Number.MAX_SAFE_INTEGER) {
  return z
    .string()
    .regex(/^\d{1,15}$/, { error: 'must be a whole number, digits only' })
    .transform(Number)
    .pipe(z.int().min(least).max(most))
}

/** Eleven days. Node treats 2 ** 31 ms and more as 1 ms, and some of these are doubled. */
const LONGEST_MS = 1_000_000_000

/** A duration in milliseconds. */
export function wholeMs(least: number, most: number = LONGEST_MS) {
  return whole(least, most)
}

/** A duration in seconds. */
export function wholeS(least: number) {
  return whole(least, LONGEST_MS / 1_000)
}

/** Comma-separated values, each once. */
export function listOf<T extends string>(item: z.ZodType<T, string>) {
  return z
    .string()
    .transform((text) => [
      ...new Set(
        text
          .split(',')
          .map((part) => part.trim())
          .filter(Boolean),
      ),
    ])
    .pipe(z.array(item))
}

/** A web address without a path. */
export const origin = z.string().transform((text, context) => {
  const url = URL.parse(text)
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/' && !url.search) {
    return url.origin
  }
  context.addIssue('must be a URL without a path, such as https://live.example.com')
  return z.NEVER
})

/** The variables of one area, by name. */
export type Variables = Readonly<Record<string, z.ZodType>>

type CamelCase<S extends string> = S extends `${infer Head}_${infer Rest}`
  ? `${Lowercase<Head>}${Capitalize<CamelCase<Rest>>}`
  : Lowercase<S>
/** Names of variables in code: `MAX_LINES` is `maxLines`. */
export type ConfigOf<T> = {
  readonly [K in keyof T & string as CamelCase<K>]: T[K] extends z.ZodType ? z.output<T[K]> : never
}

/** Renames the keys as `CamelCase` does in types: the same rule. */
export function inCamelCase(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  )
}

/** What docs/CONFIG.md says about a variable. */
export function descriptionOf(name: string, schema: z.ZodType): Description {
  const description = descriptions.get(schema)
  if (!description) throw new Error(`${name} has no description`)
  return description
}
