import type { Database } from '@creatorflow/db/database'
import * as wire from '@creatorflow/shared/features/access'
import { AppError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { actorOfUser, serverActor } from '../../core/rights/actor.ts'
import type { Routes } from '../../http/feature.ts'
import { recordChange } from '../audit/record.ts'
import { resetLetter } from '../mail/letters.ts'
import type { Mail } from '../mail/mail.ts'
import type { Access } from './access.ts'
import type { Attempts } from './attempts.ts'
import type { Browser } from './browser.ts'
import type { KnownBrowsers } from './known-browser.ts'
import { dropWelcomeLinks, linkUrl, mintLink, takeLink } from './links.ts'
import type { PasswordHasher } from './password-hash.ts'
import { refuseGuessable } from './password-strength.ts'
import { endSignIns } from './sign-ins.ts'
import { removeSecondFactor, type SecondFactor } from './totp.ts'
import {
  claimAccount,
  findUser,
  findUserByEmail,
  hasOwner,
  insertUser,
  lockUser,
  setPassword,
  setRole,
  type User,
} from './users.ts'

export interface SignInDeps {
  readonly database: Database
  readonly access: Access
  readonly attempts: Attempts
  readonly browser: Browser
  readonly known: KnownBrowsers
  readonly passwords: PasswordHasher
  readonly secondFactor: SecondFactor
  readonly mail: { readonly letters: Mail; readonly publicUrl: string } | null
  readonly log: Log
  readonly oidc: { readonly label: string; readonly url: string } | null
}

const wrong = () => new AppError('unauthorized', 'The e-mail address or the password is wrong.')
const deadLink = () =>
  new AppError('not_found', 'This link was used already, or it is too old: ask for a new one.')

/** Coming in and going out: everything that is asked before anybody is known. */
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
    // Verified for a stranger too: the time of the answer must not tell who is known here.
    const isRight = await passwords.verify(body.password, user?.passwordHash ?? null)
    response.locals.account = user?.id
    if (user && !isRight) noteFailure(user, 'password', request.ip)
    if (!user || !isRight) throw wrong()
    if (user.totp && body.code === undefined) {
      await giveBack()
      throw new AppError('code_required', 'Give the code of your authenticator app too.')
    }
    const opened = await database.transaction(async (transaction) => {
      // Whoever changes the password meanwhile waits, and ends this sign-in too.
      const now = await lockUser(transaction, user.id)
      if (now?.passwordHash !== user.passwordHash || now?.totp !== user.totp) throw wrong()
      if (user.totp) await takeCode(user, body.code ?? '')
      return browser.open(transaction, request, user, 'password')

      async function takeCode(of: User, code: string): Promise<void> {
        const taken = await secondFactor.take(transaction, of.id, code)
        if (!taken) {
          noteFailure(of, 'code', request.ip)
          throw new AppError('unauthorized', 'This code is wrong, or was used already.')
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

  answer(router, wire.welcome, async ({ body, principal, request, response }) => {
    const { email, name } = body
    await attempts.spend('sign_in', { address: request.ip })
    await refuseGuessable(body.password, { email, name })
    const passwordHash = await passwords.hash(body.password)
    const { user, opened } = await database.transaction(async (transaction) => {
      if (!(await takeLink(transaction, 'welcome', body.token))) throw deadLink()
      // Those that were printed at other starts are no longer wanted.
      await dropWelcomeLinks(transaction)
      const added = await insertUser(transaction, { email, name, passwordHash })
      const user = added ?? (await findUserByEmail(transaction, email))
      if (!user) throw new Error('a user vanished meanwhile')
      // Whoever has this link has the machine: a lost owner comes back by it, whatever was forgotten.
      await setPassword(transaction, user.id, passwordHash)
      await removeSecondFactor(transaction, user.id)
      await setRole(transaction, user.id, null, 'owner')
      const actor = actorOfUser(user, request.ip)
      const action = added ? 'user.created' : 'password.reset'
      await recordChange(transaction, actor, { action, target: email })
      await recordChange(transaction, actor, {
        action: 'role.changed',
        target: email,
        details: { role: 'owner' },
      })
      return { user, opened: await browser.open(transaction, request, user, 'welcome') }
    })
    await access.announce({ kind: 'user', id: user.id, reason: null })
    await browser.keep(request, response, opened, principal)
    return { expires_at: opened.expiresAt.toISOString() }
  })

  answer(router, wire.requestReset, async ({ body: { email }, request }) => {
    if (!mail) {
      throw new AppError('conflict', 'This server sends no mail: ask an owner for a reset link.')
    }
    await attempts.spend('reset', { address: request.ip, account: email })
    // Not waited for: the time of the answer must not tell who is known here.
    mailReset(email, mail).catch((error: unknown) => {
      deps.log.error({ err: error }, 'a password reset could not be prepared')
    })
    return undefined
  })

  answer(router, wire.resetPassword, async ({ body, request }) => {
    await attempts.spend('sign_in', { address: request.ip })
    const passwordHash = await passwords.hash(body.password)
    const userId = await database.transaction(async (transaction) => {
      const link = await takeLink(transaction, 'reset', body.token)
      const user = link?.userId ? await findUser(transaction, link.userId) : null
      if (!user) throw deadLink()
      await refuseGuessable(body.password, user)
      // The mailbox got it and nobody else: what the account had until now may be a stranger's.
      if (link?.mailed) await claimAccount(transaction, user.id)
      await setPassword(transaction, user.id, passwordHash)
      await recordChange(transaction, actorOfUser(user, request.ip), {
        action: 'password.reset',
        target: user.email,
      })
      return user.id
    })
    await access.announce({ kind: 'user', id: userId, reason: null })
    return undefined
  })

  /**
   * Attempts are limited, so these are few. Not waited for, since the time of the answer must not tell who is known
   * here; and apart from the sign-in's own transaction, which comes to nothing.
   */
  function noteFailure(
    { email }: User,
    reason: 'password' | 'code',
    address: string | undefined,
  ): void {
    const actor = { ...serverActor, address: address ?? null }
    const details = { reason }
    recordChange(database, actor, { action: 'sign_in.failed', target: email, details }).catch(
      (error: unknown) => deps.log.error({ err: error }, 'a failed sign-in was not recorded'),
    )
  }

  async function mailReset(
    email: string,
    { letters, publicUrl }: NonNullable<SignInDeps['mail']>,
  ): Promise<void> {
    const user = await findUserByEmail(database, email)
    if (!user) return
    const { token } = await mintLink(database, 'reset', { userId: user.id, mailed: true })
    await letters.send(resetLetter(email, linkUrl(publicUrl, 'reset', token)))
  }
}
