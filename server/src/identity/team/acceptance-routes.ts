import type { Transaction } from '@creatorflow/db/database'
import * as access from '@creatorflow/shared/features/access'
import type { Request } from 'express'
import { AppError } from '../../core/errors.ts'
import { actorOfUser } from '../../core/rights/actor.ts'
import { serverTenant } from '../../core/rights/authorize.ts'
import type { Routes } from '../../http/feature.ts'
import { lockRoles } from '../access/manages.ts'
import { refuseGuessable } from '../access/password-strength.ts'
import { findUserByEmail, insertUser, markVerified, setRole, type User } from '../access/users.ts'
import { recordChange } from '../audit/record.ts'
import { findCreator } from '../creators/creators.ts'
import { announceUser, type TeamDeps } from './deps.ts'
import { announceRevoked, endGrants } from './end-grants.ts'
import { findInvitation, takeInvitation } from './invitations.ts'
import { refuseOwnerless } from './members.ts'

const deadInvitation = () =>
  new AppError('not_found', 'This invitation was used, revoked or has expired. Ask for a new one.')

/** What an invited person sees, and accepting. */
export function mountAcceptance({ router, answer }: Routes, deps: TeamDeps): void {
  const { database, attempts, browser, passwords } = deps

  answer(router, access.lookAtInvitation, async ({ body, request }) => {
    const giveBack = await attempts.spend('sign_in', { address: request.ip })
    const found = await findInvitation(database, body.token)
    if (!found) throw deadInvitation()
    await giveBack()
    const { email, role, expires_at, creator_id } = found
    const creator =
      creator_id === null ? null : await findCreator(database, serverTenant(creator_id))
    return {
      email,
      role,
      expires_at,
      creator: creator ? { id: creator.id, name: creator.name } : null,
      has_user: (await findUserByEmail(database, email)) !== null,
    }
  })

  answer(router, access.acceptInvitation, async ({ body, principal, request, response }) => {
    const giveBack = await attempts.spend('sign_in', { address: request.ip })
    const invitation = await findInvitation(database, body.token)
    if (!invitation) throw deadInvitation()
    const { creator_id: creatorId, role } = invitation
    const known = await findUserByEmail(database, invitation.email)
    if (known && !(principal?.kind === 'user' && principal.userId === known.id)) {
      throw new AppError('unauthorized', `Sign in as ${known.email} first, then accept.`)
    }
    const fresh = known ? null : await newUser(invitation.email, body)
    const { user, opened, revoked } = await database.transaction(async (transaction) => {
      await lockRoles(transaction)
      // Someone else may have used it while the password was hashed, or its maker may have lost the role.
      const taken = await takeInvitation(transaction, body.token)
      if (!taken) throw deadInvitation()
      const user = known ?? (await add(transaction, fresh, request))
      // Having the inviter's copy proves nothing about the address.
      if (taken.mailed) await markVerified(transaction, user.id)
      await setRole(transaction, user.id, creatorId, role)
      if (creatorId === null) await refuseOwnerless(transaction)
      const actor = actorOfUser(user, request.ip)
      await recordChange(transaction, actor, {
        action: 'invitation.accepted',
        creatorId,
        target: user.email,
        details: { role },
      })
      // Replacing a greater role is removing a role.
      const revoked = await endGrants(transaction, actor, user.id, 'revoke')
      const opened = known ? null : await browser.open(transaction, request, user, 'invitation')
      return { user, opened, revoked }
    })
    await giveBack()
    await announceRevoked(deps.access, revoked)
    await announceUser(deps.access, user.id)
    if (opened) await browser.keep(request, response, opened, principal)
    return undefined
  })

  async function newUser(
    email: string,
    { name, password }: { name?: string | undefined; password?: string | undefined },
  ) {
    if (name === undefined || password === undefined) {
      throw new AppError('invalid_input', 'Enter a name and a password to accept.')
    }
    await refuseGuessable(password, { email, name })
    return { email, name, passwordHash: await passwords.hash(password) }
  }

  async function add(
    transaction: Transaction,
    fresh: Awaited<ReturnType<typeof newUser>> | null,
    request: Request,
  ): Promise<User> {
    const user = fresh && (await insertUser(transaction, fresh))
    if (!user) throw new AppError('conflict', 'This address already has an account. Sign in.')
    await recordChange(transaction, actorOfUser(user, request.ip), {
      action: 'user.created',
      target: user.email,
    })
    return user
  }
}
