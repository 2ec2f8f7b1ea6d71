import type { Tenant } from '@creatorflow/db/tenant'
import {
  type Action,
  type Body,
  type Endpoint,
  type EndpointAccess,
  isAction,
  type Params,
  type Query,
  type Reply,
} from '@creatorflow/shared/endpoint'
import express, { type IRouter, type Request, type Response } from 'express'
import { AppError } from '../core/errors.ts'
import { type Actor, actorOf } from '../core/rights/actor.ts'
import { allowedCreators, authorize, isOwner } from '../core/rights/authorize.ts'
import type { Principal, UserPrincipal } from '../core/rights/principal.ts'
import type { Quotas } from '../quotas/quotas.ts'
import type { Authenticate } from './authenticate.ts'

/** Input of a handler: everything is parsed, and the caller is authorized. */
export interface Call<E extends Endpoint> {
  readonly params: Params<E>
  readonly query: Query<E>
  readonly body: Body<E>
  readonly principal: PrincipalOf<E['access']>
  /** The caller's name for the audit log. */
  readonly actor: E['access'] extends 'anyone' ? Actor | null : Actor
  /** The creator of the path; present if the endpoint requires an action on it. */
  readonly tenant: E['access'] extends Action ? Tenant : undefined
  readonly request: Request
  readonly response: Response
}

type PrincipalOf<A extends EndpointAccess> = A extends 'anyone'
  ? Principal | null
  : A extends 'user'
    ? UserPrincipal
    : Principal

export type Answer = <E extends Endpoint>(
  router: IRouter,
  endpoint: E,
  handler: (call: Call<E>) => Promise<Reply<E>> | Reply<E>,
) => void

export interface AnswerDeps {
  readonly access: Authenticate
  readonly quotas: Pick<Quotas, 'spendRequest'>
  /** Parse replies too, so every route test checks its contract. */
  readonly checkReplies: boolean
  /** Called with each mounted endpoint. */
  readonly describe: (endpoint: Endpoint) => void
}

/** Largest body of an endpoint; events have their own endpoint. */
const maxBodyBytes = 100_000

/** The one way to mount an endpoint: authenticate, authorize, parse, handle, reply. */
export function createAnswer({ access, quotas, checkReplies, describe }: AnswerDeps): Answer {
  const parseJson = express.json({ limit: maxBodyBytes, type: 'application/json' })

  return (router, endpoint, handler) => {
    describe(endpoint)
    const mount = router[methodNames[endpoint.method]].bind(router) as IRouter['get']
    mount(endpoint.path, async (request, response) => {
      const authentication = await access.authenticate(request)
      response.locals.principal = authentication?.principal
      if (endpoint.method !== 'GET') access.checkOrigin(request, authentication)
      const principal = authentication?.principal ?? null
      admit(endpoint.access, principal)
      const params = endpoint.params?.parse(request.params)
      const tenant = isAction(endpoint.access)
        ? authorize(principal, endpoint.access, creatorIdOf(params))
        : undefined
      if (authentication?.credential.kind === 'sign-in') checkType(request)
      if (tenant) await quotas.spendRequest(tenant.creatorId)
      const query = endpoint.query?.parse({ ...request.query })
      const body = endpoint.body?.parse(await readJson(request, response))

      const reply = await handler(
        asCall({
          params,
          query,
          body,
          principal,
          actor: principal && actorOf(principal, request.ip),
          tenant,
          request,
          response,
        }),
      )
      // A reply that is too large was streamed by the handler.
      if (response.headersSent) return
      const isAccepted = endpoint.accepted !== undefined && response.statusCode === 202
      const status = isAccepted ? 202 : (endpoint.status ?? 200)
      // Replies are for one caller: no cache in between may keep them.
      response.set('Cache-Control', 'no-store')
      if (status === 204) response.status(status).end()
      else response.status(status).json(checkReplies ? checked(endpoint, reply) : reply)
    })
  }

  async function readJson(request: Request, response: Response): Promise<unknown> {
    if (!request.is('application/json')) {
      throw new AppError('unsupported_media', 'Send the body as application/json.')
    }
    await new Promise<void>((resolve, reject) => {
      parseJson(request, response, (error) => (error ? reject(error) : resolve()))
    })
    if (!isWellFormed(request.body)) {
      throw new AppError('invalid_input', 'Text must not contain a lone surrogate.')
    }
    return request.body
  }
}

/** Who may call an endpoint at all; an action is checked for the creator in its path. */
function admit(access: EndpointAccess, principal: Principal | null): void {
  if (access === 'anyone') return
  if (!principal) throw new AppError('unauthorized', 'Sign in first, or send an API key.')
  if (access === 'owner' && !isOwner(principal)) {
    throw new AppError('forbidden', 'Only an owner of this server can do that.')
  }
  if (access === 'manager' && allowedCreators(principal, 'manage').length === 0) {
    throw new AppError('forbidden', 'Only an owner can do that.')
  }
  if (access === 'user' && principal.kind !== 'user') {
    throw new AppError('forbidden', 'Only people who are signed in can do that.')
  }
}

/** What a form on a foreign page can send without a preflight is not JSON. */
function checkType({ method, headers }: Request): void {
  if (method !== 'POST' && method !== 'PATCH') return
  if (/^application\/json *(;|$)/i.test(headers['content-type'] ?? '')) return
  throw new AppError(
    'unsupported_media',
    'Send Content-Type application/json, even without a body.',
  )
}

/** Whether every text is valid UTF-8: PostgreSQL refuses a lone surrogate, or something else would be stored. */
function isWellFormed(value: unknown): boolean {
  const parts = [value]
  for (const part of parts) {
    if (typeof part === 'string' && !part.isWellFormed()) return false
    if (typeof part === 'object' && part !== null) {
      for (const [key, inner] of Object.entries(part)) parts.push(key, inner)
    }
  }
  return true
}

const methodNames = { GET: 'get', POST: 'post', PATCH: 'patch', DELETE: 'delete' } as const

function creatorIdOf(params: unknown): string {
  if (typeof params === 'object' && params !== null && 'creator_id' in params) {
    if (typeof params.creator_id === 'string') return params.creator_id
  }
  throw new Error('an endpoint that asks for an action needs params.creator_id')
}

function checked(endpoint: Endpoint, reply: unknown): unknown {
  const parsed = endpoint.reply.safeParse(reply)
  if (parsed.success) return reply
  throw new Error(`the reply of ${endpoint.method} ${endpoint.path} breaks its contract`, {
    cause: parsed.error,
  })
}

/** Safe: each part was parsed by the endpoint's own schema, or checked by its `access`, just above. */
function asCall<E extends Endpoint>(parts: Record<keyof Call<E>, unknown>): Call<E> {
  return parts as Call<E>
}
