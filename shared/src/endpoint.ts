import type { z } from 'zod'

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/** What a principal may be allowed to do to one creator. */
export const actions = ['ingest:write', 'read', 'operate', 'manage'] as const
export type Action = (typeof actions)[number]

/** A user's role for one creator, or for all of them. */
export const roles = ['owner', 'operator', 'viewer'] as const
export type Role = (typeof roles)[number]

/**
 * Who may call. An action is checked for the creator in `params.creator_id`; `user` is a person with a
 * sign-in, `manager` anyone who manages at least one creator (the handler limits it to those), `owner` the
 * owner of the installation.
 */
export type EndpointAccess = 'anyone' | 'signed_in' | 'user' | 'manager' | 'owner' | Action

/** Whether an endpoint requires an action on the creator of its path. */
export function isAction(access: EndpointAccess): access is Action {
  return actions.some((action) => action === access)
}

/** One HTTP endpoint: the server parses with it, tests check replies with it, the client takes its types. */
export interface Endpoint {
  readonly method: Method
  /** As express writes it: `/api/v1/creators/:creator_id/lives`. */
  readonly path: string
  readonly access: EndpointAccess
  readonly summary: string
  readonly params?: z.ZodType
  readonly query?: z.ZodType
  readonly body?: z.ZodType
  readonly reply: z.ZodType
  /** What the handler writes itself instead of a JSON reply: a file of this media type, or a redirect. */
  readonly writes?: string
  /** Status of success; 204 sends no reply. */
  readonly status?: 200 | 201 | 204
  /** When the handler answers 202 instead, with the same reply: the work goes on. */
  readonly accepted?: string
  /** One call for the API reference; a test makes it. Absent if the path says everything. */
  readonly example?: {
    readonly query?: Readonly<Record<string, string | number>>
    readonly body?: unknown
  }
}

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined
type Sent<S> = S extends z.ZodType ? z.input<S> : undefined

export type Params<E extends Endpoint> = Parsed<E['params']>
export type Query<E extends Endpoint> = Parsed<E['query']>
export type Body<E extends Endpoint> = Parsed<E['body']>
/** The body as a caller writes it, before defaults are filled in. */
export type BodyInput<E extends Endpoint> = Sent<E['body']>
/** The query as a caller writes it. */
export type QueryInput<E extends Endpoint> = Sent<E['query']>
export type Reply<E extends Endpoint> = z.output<E['reply']>

/** Declares an endpoint and keeps the types of its schemas. */
export function endpoint<
  const M extends Method,
  const P extends string,
  const E extends Omit<Endpoint, 'method' | 'path'>,
>(method: M, path: P, definition: E): { readonly method: M; readonly path: P } & E {
  return { method, path, ...definition }
}
