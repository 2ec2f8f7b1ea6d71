import type { ApiSchema } from '@creatorflow/shared/reference/document'

export type Schemas = Readonly<Record<string, ApiSchema>>

/** One field of a body, an answer or an event, as a table shows it. */
export interface FieldRow {
  readonly name: string
  /** How many fields it is inside of. */
  readonly depth: number
  readonly type: string
  readonly required: boolean
  readonly description: string
}

/** Deep enough for every answer; a schema that holds itself would never end. */
const MOST_DEPTH = 5

/** The fields of a schema, each followed by those inside of it. */
export function fieldsOf(schema: ApiSchema, schemas: Schemas, depth = 0): FieldRow[] {
  const { properties, required = [] } = inner(schema, schemas)
  if (!properties || depth > MOST_DEPTH) return []
  return Object.entries(properties).flatMap(([name, field]) => [
    {
      name,
      depth,
      type: typeOf(field, schemas),
      required: required.includes(name),
      description: [field.description ?? resolved(field, schemas).description, boundsOf(field)]
        .filter(Boolean)
        .join(' '),
    },
    ...fieldsOf(field, schemas, depth + 1),
  ])
}

/** What a schema is, in words: `string`, `array of Creator`, `integer or null`. */
export function typeOf(schema: ApiSchema, schemas: Schemas): string {
  if (schema.$ref) return nameOf(schema.$ref)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return [...new Set(choices.map((one) => typeOf(one, schemas)))].join(' or ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.type === 'array')
    return `array of ${schema.items ? typeOf(schema.items, schemas) : 'anything'}`
  if (schema.format === 'date-time') return 'time'
  if (schema.format === 'uuid') return 'UUID'
  return schema.type ?? 'anything'
}

function boundsOf(schema: ApiSchema): string {
  const { enum: values, minimum, maximum, minLength, maxLength, default: fallback } = schema
  const safe = maximum !== undefined && Math.abs(maximum) < Number.MAX_SAFE_INTEGER
  return [
    values && values.length > 1 && `One of ${values.map((one) => JSON.stringify(one)).join(', ')}.`,
    minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER && `At least ${minimum}.`,
    safe && `At most ${maximum}.`,
    minLength !== undefined && minLength > 1 && `At least ${minLength} characters.`,
    maxLength !== undefined && `At most ${maxLength} characters.`,
    fallback !== undefined && fallback !== null && `Default: ${JSON.stringify(fallback)}.`,
  ]
    .filter(Boolean)
    .join(' ')
}

/** The object that a field holds: by name, one by one, or beside null. */
function inner(schema: ApiSchema, schemas: Schemas): ApiSchema {
  const own = resolved(schema, schemas)
  if (own.properties) return own
  if (own.items) return inner(own.items, schemas)
  const objects = (own.anyOf ?? own.oneOf ?? []).filter((one) => one.type !== 'null')
  return objects.length === 1 && objects[0] ? inner(objects[0], schemas) : own
}

function resolved(schema: ApiSchema, schemas: Schemas): ApiSchema {
  return (schema.$ref && schemas[nameOf(schema.$ref)]) || schema
}

const nameOf = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1)
