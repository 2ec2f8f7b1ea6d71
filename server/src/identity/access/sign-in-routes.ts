import * as wire from '@creatorflow/shared/features/access'
import { AppError } from '../../core/errors.ts'
import { actorOfUser, serverActor } from '../../core/rights/actor.ts'
import type { Routes } from '../../http/feature.ts'
import { recordChange } from '../audit/record.ts'
import type { SignInDeps } from './deps.ts'
import { endSignIns } from './sign-ins.ts'
import { findUserByEmail, hasOwner, lockUser, type User } from './users.ts'

const wrong = () => new AppError('unauthorized', 'Wrong e-mail address or password.')

/** Signing in and out: everything before the caller is known. */
export function mountSignIn({ router, answer }: Routes, deps: SignInDeps): void {
  const { database, access, attempts, browser, passwords, secondFactor, mail } = deps

  answer(router, wire.signInOptions, async () => ({
    oidc: deps.oidc,
    mail: mail !== null,
    needs_owner: !access.hasLocalOwner && !(await hasOwner(database)),
  }))

  answer(router, wire.signIn, async ({ body, principal, request, response }) => {
    const giveBack = await attempts.spend('sign_in', {
      address: request.ip,
      account: body.email,
      browser: deps.known.of(request, body.email),
    })
    const user = await findUserByEmail(database, body.email)
    // Verified for unknown users too: the response time must not reveal who is known here.
    const isRight = await passwords.verify(body.password, user?.passwordHash ?? null)
    response.locals.account = user?.id
    if (user && !isRight) noteFailure(user, 'password', request.ip)
    if (!user || !isRight) throw wrong()
    if (user.totp && body.code === undefined) {
      await giveBack()
      throw new AppError('code_required', 'Enter the code from your authenticator app.')
    }
    const opened = await database.transaction(async (transaction) => {
      // A simultaneous password change waits, and ends this sign-in too.
      const now = await lockUser(transaction, user.id)
      if (now?.passwordHash !== user.passwordHash || now?.totp !== user.totp) throw wrong()
      if (user.totp) await takeCode(user, body.code ?? '')
      return browser.open(transaction, request, user, 'password')

      async function takeCode(of: User, code: string): Promise<void> {
        const taken = await secondFactor.take(transaction, of.id, code)
        if (!taken) {
          noteFailure(of, 'code', request.ip)
          throw new AppError('unauthorized', 'This code is wrong or was already used.')
        }
        if (taken === 'app') return
        await recordChange(transaction, actorOfUser(of, request.ip), {
          action: 'totp.recovery_code_used',
        })
      }
    })
    await giveBack()
    await browser.keep(request, response, opened, principal)
    return { expires_at: opened.expiresAt.toISOString() }
  })

  answer(router, wire.signOut, async ({ principal, actor, request, response }) => {
    if (principal?.kind === 'user' && actor) {
      const { userId, signInId } = principal
      await database.transaction(async (transaction) => {
        await endSignIns(transaction, userId, { id: signInId })
        await recordChange(transaction, actor, { action: 'sign_in.ended', target: signInId })
      })
      await access.announce({ kind: 'sign_in', id: signInId, reason: 'signed_out' })
    }
    browser.forget(request, response)
    return undefined
  })

  /**
   * Attempts are limited, so these are few. Not awaited, since the response time must not reveal who is known
   * here; and outside of the sign-in's own transaction, which is rolled back.
   */
  function noteFailure(
    { email }: User,
    reason: 'password' | 'code',
    address: string | undefined,
  ): void {
    const actor = { ...serverActor, address: address ?? null }
    const details = { reason }
    recordChange(database, actor, { action: 'sign_in.failed', target: email, details }).catch(
      (error: unknown) => deps.log.error({ err: error }, 'failed to record a failed sign-in'),
    )
  }
}
