import { type Endpoint, type EndpointAccess, isAction } from '@creatorflow/shared/endpoint'
import { errorStatus } from '@creatorflow/shared/errors'
import { z } from 'zod'

type Json = Readonly<Record<string, unknown>>

export interface OpenApi extends Json {
  readonly openapi: string
}

/** The OpenAPI 3.1 document of some endpoints, in the order in which they are given. */
export function openApiOf(endpoints: readonly Endpoint[]): OpenApi {
  const paths: Record<string, Record<string, Json>> = {}
  for (const endpoint of endpoints) {
    const path = templateOf(endpoint.path)
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operationOf(endpoint) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'CreatorFlow Live',
      version: '1',
      summary: 'Events in, live and past numbers out.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This server' }],
    security: [{ apiKey: [] }],
    tags: [...new Set(endpoints.map(tagOf))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description:
            'An API key, made under Settings, API keys. On the machine itself none is needed.',
        },
      },
      responses: {
        Failure: {
          description: 'What is wrong, and what to do',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } },
        },
      },
      schemas: { Failure: failureSchema },
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

function operationOf(endpoint: Endpoint): Json {
  const { access, body, method, path, summary } = endpoint
  return {
    operationId: nameOf(method, path),
    summary,
    description: whoMayCall(access),
    tags: [tagOf(endpoint)],
    ...(access === 'anyone' && { security: [] }),
    parameters: [
      ...parametersOf(endpoint.params, 'path'),
      ...parametersOf(endpoint.query, 'query'),
    ],
    ...(body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: schemaOf(body, 'input') } },
      },
    }),
    responses: { ...successOf(endpoint), default: { $ref: '#/components/responses/Failure' } },
  }
}

function successOf({ status = 200, writes, reply, summary }: Endpoint): Json {
  if (writes === 'redirect') return { 302: { description: 'A redirect' } }
  if (status === 204) return { 204: { description: 'Done' } }
  const content = writes
    ? { [writes]: { schema: { type: 'string' } } }
    : { 'application/json': { schema: schemaOf(reply, 'output') } }
  return { [status]: { description: summary, content } }
}

const words: Readonly<
  Record<Exclude<EndpointAccess, 'ingest:write' | 'read' | 'operate' | 'manage'>, string>
> = {
  anyone: 'Anyone may call it.',
  signed_in: 'For whoever is signed in, and for API keys.',
  user: 'For people who signed in; not for API keys.',
  manager: 'For owners of at least one creator.',
  owner: 'For owners of this installation.',
}

function whoMayCall(access: EndpointAccess): string {
  return isAction(access) ? `Needs the permission \`${access}\` for the creator.` : words[access]
}

function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query'): Json[] {
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
  }))
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  // What has no JSON Schema, such as the live state, is anything.
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
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
