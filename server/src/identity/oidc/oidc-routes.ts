import { type Database, errorCode, type Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import * as wire from '@creatorflow/shared/features/access'
import type { Request } from 'express'
import type { Config } from '../../core/config/config.ts'
import { AppError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { actorOfUser } from '../../core/rights/actor.ts'
import type { Sealer } from '../../core/seal.ts'
import type { Feature } from '../../http/feature.ts'
import type { Access } from '../access/access.ts'
import type { Browser } from '../access/browser.ts'
import { cookieOf } from '../access/cookie.ts'
import { lockRoles } from '../access/manages.ts'
import { claimAccount, findUserByEmail, insertUser, setRole, type User } from '../access/users.ts'
import { recordChange } from '../audit/record.ts'
import { takeInvitationsOf } from '../team/invitations.ts'
import { type Identity, type Oidc, type OidcAttempt, oidcPaths } from './oidc.ts'

export interface OidcDeps {
  readonly database: Database
  readonly oidc: Oidc
  readonly access: Pick<Access, 'announce'>
  readonly browser: Browser
  readonly sealer: Sealer
  readonly config: Pick<Config, 'publicUrl'>
  readonly log: Log
}

const attemptCookie = 'cf_oidc'
const attemptMinutes = 10
/** Encrypted for this purpose alone, so nothing else encrypted can be used here. */
const context = 'oidc attempt'

/** Sign-in through the identity provider; it knows people, and who may sign in is decided here. */
export function createOidcFeature(deps: OidcDeps): Feature {
  const { database, access, oidc, browser, sealer, config, log } = deps
  const secure = config.publicUrl?.startsWith('https:') ? '; Secure' : ''
  const attributes = `Path=${oidcPaths.start}; HttpOnly; SameSite=Lax${secure}`

  return {
    name: 'oidc',
    mount({ router, answer }) {
      answer(router, wire.startOidc, async ({ response }) => {
        const { url, attempt } = await oidc.begin().catch((error: unknown) => {
          log.error({ reason: reasonOf(error) }, 'the identity provider does not respond')
          throw new AppError('unavailable', 'Can’t reach the identity provider.', {
            retryAfterMs: 5_000,
          })
        })
        const until = Date.now() + attemptMinutes * 60_000
        const sealed = Buffer.from(sealer.seal(JSON.stringify({ ...attempt, until }), context))
        response.append(
          'Set-Cookie',
          `${attemptCookie}=${sealed.toString('base64url')}; ${attributes}; Max-Age=${attemptMinutes * 60}`,
        )
        response.set('Cache-Control', 'no-store').redirect(url)
        return undefined
      })

      answer(router, wire.finishOidc, async ({ principal, request, response }) => {
        response.set('Cache-Control', 'no-store')
        response.append('Set-Cookie', `${attemptCookie}=; ${attributes}; Max-Age=0`)
        const identity = await identityOf(request)
        const opened =
          identity &&
          (await database.transaction(async (transaction) => {
            const user = await userOf(transaction, identity, request.ip)
            return user && { user, of: await browser.open(transaction, request, user, 'oidc') }
          }))
        if (opened) {
          // Linking may have ended the sign-ins of an unverified account.
          await access.announce({ kind: 'user', id: opened.user.id, reason: null })
          await browser.keep(request, response, opened.of, principal)
        }
        const failure = identity ? 'not_invited' : 'failed'
        response.redirect(opened ? '/' : `/?sign_in_failed=${failure}`)
        return undefined
      })
    },
  }

  /** Null if the browser brings nothing valid: the page offers to try again. */
  async function identityOf(request: Request): Promise<Identity | null> {
    try {
      const attempt = attemptOf(cookieOf(request.headers, attemptCookie))
      return await oidc.finish(new URL(request.originalUrl, config.publicUrl), attempt)
    } catch (error) {
      log.warn({ reason: reasonOf(error) }, 'a sign-in through the identity provider failed')
      return null
    }
  }

  function attemptOf(cookie: string | undefined): OidcAttempt {
    if (cookie === undefined) throw new Error('the browser sent no sign-in attempt')
    // Safe: sealed by `startOidc` above, which alone uses this context.
    const attempt = JSON.parse(
      sealer.open(Buffer.from(cookie, 'base64url'), context),
    ) as OidcAttempt & { until: number }
    if (attempt.until < Date.now()) throw new Error('the sign-in attempt expired')
    return attempt
  }
}

/** Without the error's details: they may contain codes and tokens. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? [errorCode(error), error.message].join(' ').trim() : 'unknown'
}

/** The user of an identity: known, or invited; null for a stranger. */
async function userOf(
  transaction: Transaction,
  { subject, email, name }: Identity,
  address: string | undefined,
): Promise<Pick<User, 'id' | 'name' | 'email'> | null> {
  const [linked] = await transaction.query<{ id: string; name: string; email: string }>(
    sql`select id::text as id, name, email from users where oidc_subject = ${subject}`,
  )
  if (linked) return linked
  if (email === null) return null
  const known = await findUserByEmail(transaction, email)
  const user = known ?? (await invited())
  if (!user) return null
  const link = await transaction.query(sql`
    update users set oidc_subject = ${subject} where id = ${user.id}::uuid and oidc_subject is null
    returning 1 as one`)
  // The address now belongs to another identity: whoever was linked first stays.
  if (link.length === 0) return null
  const claimed = await claimAccount(transaction, user.id)
  await recordChange(transaction, actorOfUser(user, address), {
    action: 'user.changed',
    target: user.email,
    details: { identity_provider: true, ...(known && claimed && { credentials_removed: true }) },
  })
  return user

  async function invited(): Promise<User | null> {
    const to = email ?? ''
    await lockRoles(transaction)
    const invitations = await takeInvitationsOf(transaction, to)
    if (invitations.length === 0) return null
    const user = await insertUser(transaction, { email: to, name: name || to, passwordHash: null })
    if (!user) throw new Error('a user came in between')
    const actor = actorOfUser(user, address)
    await recordChange(transaction, actor, { action: 'user.created', target: to })
    for (const { creator_id, role } of invitations) {
      await setRole(transaction, user.id, creator_id, role)
      await recordChange(transaction, actor, {
        action: 'invitation.accepted',
        creatorId: creator_id,
        target: to,
        details: { role },
      })
    }
    return user
  }
}
