import type { NewSource } from '@creatorflow/shared/features/sources'
import { z } from 'zod'
import { AppError } from '../../core/errors.ts'
import { accountOf, type SourceDefinition } from '../../sources/runtime/definition.ts'
import type { Secrets } from '../../sources/runtime/source.ts'

/** What is stored of a new source, and separately what is encrypted. */
export interface Parts {
  readonly account: string
  readonly name: string
  readonly settings: Readonly<Record<string, string>>
  readonly secrets: Secrets
}

/** Checks the entries of a new source, and splits them. Throws a ZodError that names each invalid field. */
export function partsOf(definition: SourceDefinition, entered: NewSource): Parts {
  const { account: of, fields } = definition
  const { kind: _, name, ...rest } = entered
  const schemas = Object.entries(fields).map(([field, { schema }]) => [field, schema] as const)
  // Safe: every field is a text, or absent.
  const values = z.strictObject(Object.fromEntries(schemas)).parse(rest) as Record<
    string,
    string | undefined
  >
  const secrets: Record<string, string> = {}
  const settings: Record<string, string> = {}
  for (const [field, value] of Object.entries(values)) {
    if (value === undefined || field === of.field) continue
    const into = fields[field]?.secret ? secrets : settings
    into[field] = value
  }
  // Safe: the registry accepts no definition with an optional account.
  const account = values[of.field] as string
  const usual = of.nameOf?.(account) ?? accountOf(definition, account)
  return { account, name: name ?? usual, settings, secrets }
}

/** Checks secrets that replace those of a source. Throws for unknown or invalid ones. */
export function enteredSecrets(
  { name, fields }: SourceDefinition,
  entered: Readonly<Record<string, string>>,
): Secrets {
  const strange = Object.keys(entered).filter((field) => !fields[field]?.secret)
  if (strange.length > 0) {
    throw new AppError('invalid_input', `${name} has no such secret.`, {
      details: {
        fields: strange.map((field) => ({
          path: `secrets.${field}`,
          message: `is not a secret of ${name}`,
        })),
      },
    })
  }
  const schemas = Object.keys(entered).map((field) => [field, fields[field]?.schema] as const)
  const secrets = z.object(Object.fromEntries(schemas) as Record<string, z.ZodType<string>>)
  return z.object({ secrets }).parse({ secrets: entered }).secrets
}
