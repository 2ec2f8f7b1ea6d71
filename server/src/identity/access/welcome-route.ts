import * as wire from '@creatorflow/shared/features/access'
import { actorOfUser } from '../../core/rights/actor.ts'
import type { Routes } from '../../http/feature.ts'
import { recordChange } from '../audit/record.ts'
import type { SignInDeps } from './deps.ts'
import { deadLink, dropWelcomeLinks, takeLink } from './links.ts'
import { refuseGuessable } from './password-strength.ts'
import { removeSecondFactor } from './totp.ts'
import { findUserByEmail, insertUser, setPassword, setRole } from './users.ts'

/** The link that the server prints: whoever opens it becomes an owner. */
export function mountWelcome({ router, answer }: Routes, deps: SignInDeps): void {
  const { database, access, attempts, browser, passwords } = deps

  answer(router, wire.welcome, async ({ body, principal, request, response }) => {
    const { email, name } = body
    await attempts.spend('sign_in', { address: request.ip })
    await refuseGuessable(body.password, { email, name })
    const passwordHash = await passwords.hash(body.password)
    const { user, opened } = await database.transaction(async (transaction) => {
      if (!(await takeLink(transaction, 'welcome', body.token))) throw deadLink()
      // Links printed at earlier starts are no longer wanted.
      await dropWelcomeLinks(transaction)
      const added = await insertUser(transaction, { email, name, passwordHash })
      const user = added ?? (await findUserByEmail(transaction, email))
      if (!user) throw new Error('a user vanished meanwhile')
      // Whoever has this link has the machine: a lost owner gets back in with it, whatever was forgotten.
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
}
