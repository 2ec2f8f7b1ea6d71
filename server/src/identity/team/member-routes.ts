import { sql } from '@creatorflow/db/sql'
import * as wire from '@creatorflow/shared/features/team'
import { AppError } from '../../core/errors.ts'
import { allowedCreators, requireManage } from '../../core/rights/authorize.ts'
import type { Routes } from '../../http/feature.ts'
import { linkUrl, mintLink } from '../access/links.ts'
import { confirmManage, lockRoles, makerOf } from '../access/manages.ts'
import { removeSecondFactor } from '../access/totp.ts'
import { findUser, setRole } from '../access/users.ts'
import { recordChange } from '../audit/record.ts'
import { secondFactorLetter } from '../mail/letters.ts'
import { announceUser, baseOf, nameOfPlace, type TeamDeps } from './deps.ts'
import { announceRevoked, endGrants } from './end-grants.ts'
import { listMembers, refuseOwnerless } from './members.ts'

const unknownMember = () => new AppError('not_found', 'Member not found.')

/** Members with their roles, and what an owner can do for one who is locked out. */
export function mountMembers({ router, answer }: Routes, deps: TeamDeps): void {
  const { database, access, letters } = deps

  answer(router, wire.listMembers, async ({ principal }) => ({
    members: await listMembers(database, allowedCreators(principal, 'manage')),
  }))

  answer(router, wire.changeRole, async ({ principal, actor, params, body }) => {
    const { creator_id: creatorId, role, keys } = body
    requireManage(principal, creatorId)
    const members = await listMembers(database, allowedCreators(principal, 'manage'))
    const member = members.find(({ id }) => id === params.id)
    // Anyone who is not a member of one's creators is invited: their address stays hidden.
    if (!member) throw unknownMember()
    await nameOfPlace(database, creatorId)
    const revoked = await database.transaction(async (transaction) => {
      await lockRoles(transaction)
      await confirmManage(transaction, principal, creatorId)
      await setRole(transaction, params.id, creatorId, role)
      if (creatorId === null) await refuseOwnerless(transaction)
      await recordChange(transaction, actor, {
        action: 'role.changed',
        creatorId,
        target: member.email,
        details: { role },
      })
      return endGrants(transaction, actor, params.id, keys)
    })
    await announceRevoked(access, revoked)
    await announceUser(access, params.id)
    return undefined
  })

  answer(router, wire.deleteMember, async ({ principal, actor, params, query }) => {
    const revoked = await database.transaction(async (transaction) => {
      await lockRoles(transaction)
      await confirmManage(transaction, principal, null)
      const user = await findUser(transaction, params.id)
      if (!user) throw unknownMember()
      await transaction.query(sql`delete from roles where user_id = ${user.id}::uuid`)
      await refuseOwnerless(transaction)
      const keys = await endGrants(transaction, actor, user.id, query.keys)
      await transaction.query(sql`delete from users where id = ${user.id}::uuid`)
      await recordChange(transaction, actor, { action: 'user.deleted', target: user.email })
      return keys
    })
    await announceRevoked(access, revoked)
    await announceUser(access, params.id)
    return undefined
  })

  answer(router, wire.makeResetLink, ({ principal, actor, params, request }) =>
    database.transaction(async (transaction) => {
      await confirmManage(transaction, principal, null)
      const user = await findUser(transaction, params.id)
      if (!user) throw unknownMember()
      const madeBy = makerOf(principal)
      const { token, expiresAt } = await mintLink(transaction, 'reset', { userId: user.id, madeBy })
      await recordChange(transaction, actor, {
        action: 'password.reset_link_made',
        target: user.email,
      })
      const url = linkUrl(baseOf(deps, request), 'reset', token)
      return { url, expires_at: expiresAt.toISOString() }
    }),
  )

  answer(router, wire.resetSecondFactor, async ({ principal, actor, params }) => {
    if (principal.kind === 'user' && principal.userId === params.id) {
      // An unattended browser must not be enough to remove one's own second factor.
      throw new AppError(
        'conflict',
        'Turn off your own two-factor authentication under Profile instead.',
      )
    }
    const email = await database.transaction(async (transaction) => {
      await confirmManage(transaction, principal, null)
      const user = await findUser(transaction, params.id)
      if (!user) throw unknownMember()
      if (!user.totp)
        throw new AppError('conflict', 'This member doesn’t use two-factor authentication.')
      await removeSecondFactor(transaction, user.id)
      await recordChange(transaction, actor, { action: 'totp.reset', target: user.email })
      return user.email
    })
    return { mailed: (await letters?.send(secondFactorLetter(email))) ?? false }
  })
}
