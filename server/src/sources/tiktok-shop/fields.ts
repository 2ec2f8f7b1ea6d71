import { z } from 'zod'

/** An id, which the API writes as text or as an integer; `readJson` keeps the digits of long ones. */
export const id = z
  .union([z.string(), z.int()])
  .transform(String)
  .refine((text) => text !== '', { error: 'is empty' })

const isNone = (value: unknown) => value === '' || value === null || value === 0 || value === '0'

/** Unset fields may be missing, null, empty or 0. */
export function orNone<S extends z.ZodType>(schema: S) {
  return z.preprocess((value) => (isNone(value) ? undefined : value), schema.optional())
}

export const optionalId = orNone(id)

/** Seconds since 1970 in the API, epoch ms here. */
export const seconds = z.coerce
  .number()
  .pipe(z.int().min(1).max(99_999_999_999))
  .transform((s) => s * 1_000)

export const optionalSeconds = orNone(seconds)

/** A decimal as text; some fields were numbers in older versions. */
export const decimal = z.union([z.string(), z.number()]).transform(String)

export const optionalDecimal = z.preprocess(
  (value) => (value === '' || value === null ? undefined : value),
  decimal.optional(),
)

export const flag = z
  .union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')])
  .nullish()
  .transform((value) => value === true)
