import * as wire from '@creatorflow/shared/features/team'
import { AppError } from '../../core/errors.ts'
import { allowedCreators, requireManage } from '../../core/rights/authorize.ts'
import type { Routes } from '../../http/feature.ts'
import { linkUrl } from '../access/links.ts'
import { confirmManage, makerOf } from '../access/manages.ts'
import { recordChange } from '../audit/record.ts'
import { invitationLetter } from '../mail/letters.ts'
import { baseOf, nameOfPlace, type TeamDeps } from './deps.ts'
import { insertInvitation, listInvitations, revokeInvitation } from './invitations.ts'

/** The invitations that an owner or manager makes and withdraws. */
export function mountInvitations({ router, answer }: Routes, deps: TeamDeps): void {
  const { database, attempts, letters } = deps

  answer(router, wire.listInvitations, async ({ principal }) => ({
    invitations: await listInvitations(database, allowedCreators(principal, 'manage')),
  }))

  answer(router, wire.invite, async ({ principal, actor, body, request }) => {
    const { email, role, creator_id: creatorId } = body
    requireManage(principal, creatorId)
    const where = await nameOfPlace(database, creatorId)
    const inviterId = makerOf(principal)
    await attempts.spendInvitation({ inviter: inviterId ?? principal.kind, email })
    const { invitation, token, mailedToken } = await database.transaction(async (transaction) => {
      await confirmManage(transaction, principal, creatorId)
      const made = await insertInvitation(transaction, {
        email,
        creatorId,
        role,
        invitedBy: actor.name,
        inviterId,
      })
      await recordChange(transaction, actor, {
        action: 'invitation.created',
        creatorId,
        target: email,
        details: { role },
      })
      return made
    })
    const base = baseOf(deps, request)
    const letter = invitationLetter(email, {
      url: linkUrl(base, 'invitation', mailedToken),
      inviter: actor.name,
      where,
      role,
    })
    const mailed = (await letters?.send(letter)) ?? false
    return { ...invitation, url: linkUrl(base, 'invitation', token), mailed }
  })

  answer(router, wire.revokeInvitation, async ({ principal, actor, params }) => {
    const of = allowedCreators(principal, 'manage')
    await database.transaction(async (transaction) => {
      const invitation = await revokeInvitation(transaction, params.id, of)
      if (!invitation) throw new AppError('not_found', 'Invitation not found.')
      await recordChange(transaction, actor, {
        action: 'invitation.revoked',
        creatorId: invitation.creator_id,
        target: invitation.email,
      })
    })
    return undefined
  })
}
