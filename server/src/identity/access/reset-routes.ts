import * as wire from '@creatorflow/shared/features/access'
import { AppError } from '../../core/errors.ts'
import { actorOfUser } from '../../core/rights/actor.ts'
import type { Routes } from '../../http/feature.ts'
import { recordChange } from '../audit/record.ts'
import { resetLetter } from '../mail/letters.ts'
import type { SignInDeps } from './deps.ts'
import { deadLink, linkUrl, mintLink, takeLink } from './links.ts'
import { refuseGuessable } from './password-strength.ts'
import { claimAccount, findUser, findUserByEmail, setPassword } from './users.ts'

/** A forgotten password: requesting a link, and setting a new one with it. */
export function mountReset({ router, answer }: Routes, deps: SignInDeps): void {
  const { database, access, attempts, passwords, mail } = deps

  answer(router, wire.requestReset, async ({ body: { email }, request }) => {
    if (!mail) {
      throw new AppError(
        'conflict',
        'This server doesn’t send e-mail. Ask an owner for a reset link.',
      )
    }
    await attempts.spend('reset', { address: request.ip, account: email })
    // Not awaited: the response time must not reveal who is known here.
    mailReset(email, mail).catch((error: unknown) => {
      deps.log.error({ err: error }, 'failed to prepare a password reset')
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
      // Only the mailbox got it: what the account had until now may be a stranger's.
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
