import type { Call } from './samples.ts'

/** What the API reference reads of an OpenAPI 3.1 document, as this server writes it. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, ApiSchema>> }
}

export interface ApiOperation {
  readonly operationId: string
  readonly summary: string
  readonly description: string
  readonly tags: readonly [string]
  readonly security: readonly Readonly<Record<string, unknown>>[]
  readonly parameters: readonly ApiParameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, ApiContent>> }
  readonly responses: Readonly<Record<string, ApiResponse>>
}

export interface ApiParameter {
  readonly name: string
  readonly in: 'path' | 'query'
  readonly required: boolean
  readonly description?: string
  readonly schema: ApiSchema
  readonly example?: string | number
}

export interface ApiContent {
  readonly schema: ApiSchema
  readonly example?: unknown
}

export interface ApiResponse {
  readonly description: string
  readonly content?: Readonly<Record<string, ApiContent>>
}

export interface ApiSchema {
  readonly $ref?: string
  readonly type?: string
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly format?: string
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, ApiSchema>>
  readonly required?: readonly string[]
  readonly items?: ApiSchema
  readonly additionalProperties?: boolean | ApiSchema
  readonly anyOf?: readonly ApiSchema[]
  readonly oneOf?: readonly ApiSchema[]
}

/** One operation with its path. */
export interface PlacedOperation {
  readonly method: string
  /** With its parameters in braces. */
  readonly path: string
  readonly operation: ApiOperation
}

/** Every operation, in the order of the document. */
export function operationsOf({ paths }: Pick<ApiDocument, 'paths'>): PlacedOperation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  )
}

/** The answer of a successful operation: its status and content. */
export function successOf({ responses }: Pick<ApiOperation, 'responses'>): {
  readonly status: number
  readonly media: string | null
  readonly schema: ApiSchema | null
} {
  const status = Object.keys(responses).find((key) => key !== 'default') ?? '200'
  const [media = null, content] = Object.entries(responses[status]?.content ?? {})[0] ?? []
  return { status: Number(status), media, schema: content?.schema ?? null }
}

/** The example of an operation as a call; null for what only a browser opens. */
export function callOf({ method, path, operation }: PlacedOperation, origin: string): Call | null {
  const { status, media } = successOf(operation)
  if (status === 302) return null
  const given = operation.parameters.filter(({ example }) => example !== undefined)
  const filled = given
    .filter((one) => one.in === 'path')
    .reduce(
      (at, { name, example }) => at.replace(`{${name}}`, encodeURIComponent(String(example))),
      path,
    )
  const query = given
    .filter((one) => one.in === 'query')
    .map(({ name, example }) => `${name}=${encodeURIComponent(String(example))}`)
    .join('&')
  const [security] = operation.security
  return {
    method,
    origin,
    path: query === '' ? filled : `${filled}?${query}`,
    ...bodyOf(operation),
    as: !security ? 'nobody' : 'apiKey' in security ? 'key' : 'sign_in',
    answer: answerOf(media),
  }
}

function answerOf(media: string | null): Call['answer'] {
  if (media === null) return 'nothing'
  if (media === 'application/json') return 'json'
  return media.startsWith('image/') ? 'bytes' : 'text'
}

function bodyOf({ requestBody }: Pick<ApiOperation, 'requestBody'>): { readonly body?: unknown } {
  const example = requestBody?.content['application/json']?.example
  return example === undefined ? {} : { body: example }
}
