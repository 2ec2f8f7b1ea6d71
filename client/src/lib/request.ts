import type { BodyInput, Endpoint, Method, QueryInput, Reply } from '@creatorflow/shared/endpoint'

/** A call of an endpoint, with the type of its reply. */
export interface Request<R> {
  readonly method: Method
  /** Including its query. */
  readonly path: string
  readonly body?: unknown
  /** Never present: it carries the type. */
  readonly reply?: R
}

/** "GET /api/v1/creators/:creator_id/goal": how an endpoint is named. */
export type At<E extends Endpoint> = `${E['method']} ${E['path']}`

type ParamOf<P extends string> = P extends `${string}/:${infer Rest}`
  ? Rest extends `${infer Name}/${infer After}`
    ? Name | ParamOf<`/${After}`>
    : Rest
  : never

type Word = string | number | boolean | undefined | readonly string[]

/** A query as written: its names are those of the schema. */
type QueryOf<E extends Endpoint> = { readonly [K in keyof QueryInput<E>]?: Word }

type Params<E extends Endpoint> = [ParamOf<E['path']>] extends [never]
  ? { readonly params?: never }
  : { readonly params: Readonly<Record<ParamOf<E['path']>, string | number>> }

type Sent<E extends Endpoint> = [BodyInput<E>] extends [undefined]
  ? { readonly body?: never }
  : { readonly body: BodyInput<E> }

export type Given<E extends Endpoint> = Params<E> & Sent<E> & { readonly query?: QueryOf<E> }

/** Optional where nothing is required. */
export type Args<E extends Endpoint> =
  Record<never, never> extends Given<E> ? [given?: Given<E>] : [given: Given<E>]

/**
 * A call of endpoint `E`, whose method and path are checked against its declaration at compile time; nothing
 * of the declaration, such as its schemas, enters the page.
 */
export function request<E extends Endpoint>(at: At<E>, ...[given]: Args<E>): Request<Reply<E>> {
  const [method, path] = at.split(' ') as [Method, string]
  const { params, query, body } = (given ?? {}) as {
    params?: Readonly<Record<string, string | number>>
    query?: Readonly<Record<string, Word>>
    body?: unknown
  }
  const filled = path.replaceAll(/:(\w+)/g, (_, name) => encodeURIComponent(params?.[name] ?? ''))
  const words = Object.entries(query ?? {}).flatMap(([name, word]) =>
    [word ?? []].flat().map((one) => [name, String(one)]),
  )
  const asked = words.length > 0 ? `?${new URLSearchParams(words)}` : ''
  return { method, path: filled + asked, ...(body !== undefined && { body }) }
}
