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
import { slugOf } from '../../sources/runtime/registry.ts'
import { readSource } from '../../sources/runtime/store.ts'
import { type AuthorizationDeps, createFinish, knownSecrets } from './finish-authorization.ts'

/** Longer than an attempt: otherwise someone who returns late could not be told from a stranger. */
const KEPT_S = 3_600
/** Where the browser is sent back to, and the only path that needs its cookie. */
const COOKIE_PATH = '/api/v1/sources'
const cookieOfSource = (sourceId: string) => `cf_authorize_${sourceId}`

/** Mounts the visit to a service by which a person authorizes this server for a source. */
export function mountAuthorization({ router, answer }: Routes, deps: AuthorizationDeps): void {
  const { database, sealer, sourceKinds, config, log } = deps
  const finish = createFinish(deps)
  const secure = config.publicUrl?.startsWith('https:') ? '; Secure' : ''
  const attributes = `Path=${COOKIE_PATH}; HttpOnly; SameSite=Lax${secure}`

  answer(router, wire.authorizeSource, async ({ tenant, principal, params, request, response }) => {
    const source = await readSource(database, tenant, params.source_id)
    if (!source) throw new AppError('not_found', 'Source not found.')
    const oauth = sourceKinds.get(source.kind)?.oauth
    if (!oauth) {
      throw new AppError('invalid_input', 'This type of source needs no authorization.')
    }
    const here = config.publicUrl ?? `${request.protocol}://${request.get('host')}`
    const redirectUri = `${here}${COOKIE_PATH}/${slugOf(source.kind)}/authorized`
    const { state, kept } = beginAttempt(
      sealer,
      {
        kind: source.kind,
        creatorId: tenant.creatorId,
        sourceId: source.id,
        userId: principal.kind === 'user' ? principal.userId : null,
        redirectUri,
      },
      Date.now(),
    )
    const secrets = await knownSecrets(database, sealer, source.id)
    const url = oauth.authorizeUrl({
      source,
      secrets,
      config,
      redirectUri,
      state,
      verifier: kept,
    })
    response.append(
      'Set-Cookie',
      `${cookieOfSource(source.id)}=${kept}; ${attributes}; Max-Age=${KEPT_S}`,
    )
    return { url: url.href }
  })

  answer(
    router,
    wire.finishAuthorization,
    async ({ principal, params, query, request, response }) => {
      const attempt = attemptOf(sealer, query.state)
      const name = attempt && cookieOfSource(attempt.sourceId)
      const kept = name && cookieOf(request.headers, name)
      const isOwn =
        attempt && kept && slugOf(attempt.kind) === params.kind && isSameBrowser(attempt, kept)
      // Once: the state is worthless without the cookie.
      if (isOwn) response.append('Set-Cookie', `${name}=; ${attributes}; Max-Age=0`)
      const finisher = isOwn ? finisherOf(attempt, principal) : null
      let authorized: wire.AuthorizationOutcome = 'not_yours'
      if (isOwn && finisher) {
        const actor = actorOf(finisher, request.ip)
        authorized = await finish(attempt, kept, actor, query).catch((error: unknown) => {
          // Whoever returns is a person who needs the page, whatever failed here.
          log.error({ err: error, source: attempt.sourceId }, 'failed to store an authorization')
          return 'failed' as const
        })
      }
      const page = new URLSearchParams({
        ...(finisher && attempt && { creator: attempt.creatorId }),
        authorized,
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
