import type { SourceKind } from '@creatorflow/shared/features/sources'
import * as wire from '@creatorflow/shared/features/sources'
import { AppError } from '../../core/errors.ts'
import { actorOf } from '../../core/rights/actor.ts'
import { mayDo } from '../../core/rights/authorize.ts'
import { owner, type Principal } from '../../core/rights/principal.ts'
import type { Routes } from '../../http/feature.ts'
import { cookieOf } from '../../identity/access/cookie.ts'
import {
  type Attempt,
  attemptOf,
  beginAttempt,
  isSameBrowser,
} from '../../sources/runtime/authorization.ts'
import type { OAuth } from '../../sources/runtime/oauth.ts'
import { redirectPath, slugOf } from '../../sources/runtime/registry.ts'
import type { Secrets, SourceRow } from '../../sources/runtime/source.ts'
import { readSource } from '../../sources/runtime/store.ts'
import { type AuthorizationCookies, authorizationCookies } from './authorization-cookies.ts'
import { createConnecting, mountChoice } from './connecting.ts'
import { enteredSecrets } from './entered.ts'
import { type AuthorizationDeps, createFinish, knownSecrets } from './finish-authorization.ts'

/** What comes back with the browser, besides an outcome. */
interface Returned {
  readonly outcome: wire.AuthorizationOutcome
  readonly cookie?: string
}

/** Mounts the visit to a service by which a person authorizes this server, for a source or for a new one. */
export function mountAuthorization(routes: Routes, deps: AuthorizationDeps): void {
  const { router, answer } = routes
  const { database, sealer, sourceKinds, config, log } = deps
  const finish = createFinish(deps)
  const connecting = createConnecting(deps)
  const cookies = authorizationCookies(sealer, config)
  mountChoice(routes, deps, connecting, cookies)
  const begin = beginner(deps, cookies)

  answer(router, wire.authorizeSource, async ({ tenant, principal, params, request, response }) => {
    const source = await readSource(database, tenant, params.source_id)
    if (!source) throw new AppError('not_found', 'Source not found.')
    const oauth = sourceKinds.get(source.kind)?.oauth
    if (!oauth) {
      throw new AppError('invalid_input', 'This type of source needs no authorization.')
    }
    const secrets = await knownSecrets(database, sealer, source.id)
    const of = { kind: source.kind, oauth, creatorId: tenant.creatorId, source, secrets }
    const { url, cookie } = begin(of, principal, request)
    response.append('Set-Cookie', cookie)
    return { url: url.href }
  })

  answer(router, wire.connectSource, async ({ tenant, principal, body, request, response }) => {
    const definition = sourceKinds.get(body.kind)
    const oauth = definition?.oauth
    if (!definition || !oauth?.connect) {
      throw new AppError('invalid_input', 'This type of source is connected by entering it.')
    }
    const secrets = enteredSecrets(definition, body.secrets ?? {})
    const of = { kind: body.kind, oauth, creatorId: tenant.creatorId, secrets }
    const { url, cookie } = begin(of, principal, request)
    response.append('Set-Cookie', cookie)
    return { url: url.href }
  })

  answer(
    router,
    wire.finishAuthorization,
    async ({ principal, params, query, request, response }) => {
      const attempt = attemptOf(sealer, query.state)
      const value = attempt && cookieOf(request.headers, cookies.nameOf(attempt))
      const { kept, entered } = cookies.read(value)
      const isOwn =
        attempt && kept && slugOf(attempt.kind) === params.kind && isSameBrowser(attempt, kept)
      // Once: the state is worthless without the cookie.
      if (isOwn) response.append('Set-Cookie', cookies.clear(attempt))
      const finisher = isOwn ? finisherOf(attempt, principal) : null
      let returned: Returned = { outcome: 'not_yours' }
      if (isOwn && finisher) {
        const actor = actorOf(finisher, request.ip)
        const { sourceId } = attempt
        const finished =
          sourceId === null
            ? connecting.finish(attempt, entered, kept, actor, query, cookies)
            : finish({ ...attempt, sourceId }, kept, actor, query).then((outcome) => ({ outcome }))
        returned = await finished.catch((error: unknown) => {
          // Whoever returns is a person who needs the page, whatever failed here.
          log.error({ err: error, source: sourceId }, 'failed to store an authorization')
          return { outcome: 'failed' as const }
        })
      }
      if (returned.cookie) response.append('Set-Cookie', returned.cookie)
      const page = new URLSearchParams({
        ...(finisher && attempt && { creator: attempt.creatorId }),
        authorized: returned.outcome,
      })
      response.set('Cache-Control', 'no-store').redirect(`/settings/sources?${page}`)
      return undefined
    },
  )
}

/**
 * Who returned, if it is who began and still manages the creator; null for anyone else. The local owner is
 * normally known by a request's page, and here the page is the service's: the browser's cookie stands for
 * that person.
 */
function finisherOf({ userId, creatorId }: Attempt, principal: Principal | null): Principal | null {
  if (userId === null) return owner
  const isSame = principal?.kind === 'user' && principal.userId === userId
  return isSame && mayDo(principal, 'manage', creatorId) ? principal : null
}

/** Begins an attempt: where to authorize, and what the browser keeps until it returns. */
function beginner(
  { sealer, config }: Pick<AuthorizationDeps, 'sealer' | 'config'>,
  cookies: AuthorizationCookies,
) {
  return function begin(
    {
      kind,
      oauth,
      creatorId,
      source,
      secrets,
    }: {
      readonly kind: SourceKind['kind']
      readonly oauth: OAuth<unknown>
      readonly creatorId: string
      readonly source?: SourceRow
      readonly secrets: Secrets
    },
    principal: Principal | null,
    request: { readonly protocol: string; get(name: string): string | undefined },
  ) {
    const here = config.publicUrl ?? `${request.protocol}://${request.get('host')}`
    const redirectUri = here + redirectPath(kind)
    const userId = principal?.kind === 'user' ? principal.userId : null
    const sourceId = source?.id ?? null
    const of = { kind, creatorId, sourceId, userId, redirectUri }
    const { state, kept } = beginAttempt(sealer, of, Date.now())
    const url = oauth.authorizeUrl({
      ...(source && { source }),
      secrets,
      config,
      redirectUri,
      state,
      verifier: kept,
    })
    return { url, cookie: cookies.keep(of, kept, source ? {} : secrets) }
  }
}
