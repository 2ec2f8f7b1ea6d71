import { isDeepStrictEqual } from 'node:util'
import { type Endpoint, type EndpointAccess, isAction } from '@creatorflow/shared/endpoint'
import { errorStatus } from '@creatorflow/shared/errors'
import { pathExamples } from '@creatorflow/shared/reference/examples'
import { z } from 'zod'

type Json = Readonly<Record<string, unknown>>
type Schemas = Record<string, Json>

export interface OpenApi extends Json {
  readonly openapi: string
}

/** The OpenAPI 3.1 document of some endpoints, in the given order. */
export function openApiOf(endpoints: readonly Endpoint[]): OpenApi {
  const paths: Record<string, Record<string, Json>> = {}
  const schemas: Schemas = { Failure: failureSchema }
  for (const endpoint of endpoints) {
    const path = templateOf(endpoint.path)
    const operation = operationOf(endpoint, schemas)
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'CreatorFlow Live',
      version: '1',
      summary: 'Send events, read live and past numbers.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This server' }],
    tags: [...new Set(endpoints.map(tagOf))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description:
            'An API key, created under Settings, API keys. Not needed on a server that only listens on localhost.',
        },
        signIn: {
          type: 'apiKey',
          in: 'cookie',
          name: 'cf_sign_in',
          description: 'The cookie that `POST /api/v1/sign-in` sets. API keys are refused.',
        },
      },
      responses: {
        Failure: {
          description: 'What is wrong, and what to do',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } },
        },
      },
      schemas,
    },
  }
}

const failureSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: { type: 'string', enum: Object.keys(errorStatus) },
        message: { type: 'string' },
        details: { type: 'object' },
        retry_after_ms: { type: 'integer', minimum: 0 },
      },
    },
  },
} as const

function operationOf(endpoint: Endpoint, schemas: Schemas): Json {
  const { access, body, method, path, summary, example = {} } = endpoint
  return {
    operationId: nameOf(method, path),
    summary,
    description: whoMayCall(access),
    tags: [tagOf(endpoint)],
    security: securityOf(access),
    parameters: [
      ...parametersOf(endpoint.params, 'path', pathExamples),
      ...parametersOf(endpoint.query, 'query', example.query),
    ],
    ...(body && {
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: schemaOf(body, 'input', schemas),
            ...(example.body !== undefined && { example: example.body }),
          },
        },
      },
    }),
    responses: {
      ...successOf(endpoint, schemas),
      default: { $ref: '#/components/responses/Failure' },
    },
  }
}

/** API keys have scopes, and none of them allows managing. */
function securityOf(access: EndpointAccess): readonly Json[] {
  switch (access) {
    case 'anyone':
      return []
    case 'user':
    case 'manager':
    case 'manage':
    case 'owner':
      return [{ signIn: [] }]
    default:
      return [{ apiKey: [] }, { signIn: [] }]
  }
}

function successOf(
  { status = 200, accepted, writes, reply, summary }: Endpoint,
  schemas: Schemas,
): Json {
  if (writes === 'redirect') return { 302: { description: 'A redirect' } }
  if (status === 204) return { 204: { description: 'Done' } }
  const content = writes
    ? { [writes]: { schema: { type: 'string' } } }
    : { 'application/json': { schema: schemaOf(reply, 'output', schemas) } }
  return {
    [status]: { description: summary, content },
    ...(accepted !== undefined && { 202: { description: accepted, content } }),
  }
}

const words: Readonly<
  Record<Exclude<EndpointAccess, 'ingest:write' | 'read' | 'operate' | 'manage'>, string>
> = {
  anyone: 'Anyone may call it.',
  signed_in: 'For people who are signed in, and for API keys.',
  user: 'For people who are signed in; not for API keys.',
  manager: 'For owners of at least one creator.',
  owner: 'For owners of this server.',
}

function whoMayCall(access: EndpointAccess): string {
  return isAction(access) ? `Needs the permission \`${access}\` for the creator.` : words[access]
}

function parametersOf(
  schema: z.ZodType | undefined,
  place: 'path' | 'query',
  examples: Readonly<Record<string, string | number>> = {},
): Json[] {
  if (!schema) return []
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    readonly properties?: Readonly<Record<string, Json>>
    readonly required?: readonly string[]
  }
  return Object.entries(properties).map(([name, { description, ...inner }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description !== undefined && { description }),
    schema: inner,
    ...(Object.hasOwn(examples, name) && { example: examples[name] }),
  }))
}

/** A schema, with its named parts moved to `schemas`. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', schemas: Schemas = {}): Json {
  // What has no JSON Schema, such as the live state, is unconstrained.
  const written = JSON.stringify(z.toJSONSchema(schema, { io, unrepresentable: 'any' }))
  const {
    $schema: _,
    $defs = {},
    ...json
  } = JSON.parse(written.replaceAll('"#/$defs/', '"#/components/schemas/')) as {
    $schema?: string
    $defs?: Schemas
  }
  for (const [name, { id: _, ...part }] of Object.entries($defs)) {
    const known = schemas[name]
    if (known && !isDeepStrictEqual(known, part)) {
      throw new Error(`two schemas are called ${name}: one that is sent, one that is answered?`)
    }
    schemas[name] = part
  }
  return json
}

const templateOf = (path: string): string => path.replaceAll(/:(\w+)/g, '{$1}')

/** `/api/v1/creators/:creator_id/goal` is about `goal`; `/api/v1/me` about `me`. */
function tagOf({ path }: Endpoint): string {
  const parts = path
    .split('/')
    .slice(3)
    .filter((part) => part && !part.startsWith(':'))
  return (parts[0] === 'creators' && parts[1]) || parts[0] || 'server'
}

/** `getCreatorsByCreatorIdGoal`: unique, since method and path are. */
function nameOf(method: string, path: string): string {
  const parts = path
    .split('/')
    .slice(3)
    .flatMap((part) =>
      part.startsWith(':') ? ['by', ...part.slice(1).split('_')] : part.split(/[-_.]/),
    )
  return (
    method.toLowerCase() +
    parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('')
  )
}
