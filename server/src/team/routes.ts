import type { Database, Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import * as access from '@creatorflow/shared/features/access'
import * as wire from '@creatorflow/shared/features/team'
import type { Request } from 'express'
import type { Access } from '../access/access.ts'
import type { Attempts } from '../access/attempts.ts'
import { allowedCreators, requireManage, serverTenant } from '../access/authorize.ts'
import type { Browser } from '../access/browser.ts'
import { linkUrl, mintLink } from '../access/links.ts'
import type { PasswordHasher } from '../access/password-hash.ts'
import { refuseGuessable } from '../access/password-strength.ts'
import { findUser, findUserByEmail, insertUser, setRole, type User } from '../access/users.ts'
import { actorOfUser, recordChange } from '../audit/record.ts'
import { findCreator } from '../creators/creators.ts'
import { AppError } from '../errors.ts'
import type { Feature } from '../http/feature.ts'
import { invitationLetter } from '../mail/letters.ts'
import type { Mail } from '../mail/mail.ts'
import { findInvitation, insertInvitation, listInvitations, takeInvitation } from './invitations.ts'
import { listMembers, lockOwners, refuseOwnerless } from './members.ts'

export interface TeamDeps {
  readonly database: Database
  readonly access: Access
  readonly attempts: Attempts
  readonly browser: Browser
  readonly passwords: PasswordHasher
  readonly letters: Mail | null
  readonly publicUrl: string | undefined
}

const deadInvitation = () =>
  new AppError('not_found', 'This invitation was used, taken back or is too old: ask for another.')
const unknownMember = () => new AppError('not_found', 'There is no such member.')

/** Who else is here: members with their roles, and those who are invited. */
export function createTeamFeature(deps: TeamDeps): Feature {
  const { database, attempts, browser, passwords, letters } = deps

  return {
    name: 'team',
    mount({ router, answer }) {
      answer(router, wire.listMembers, async ({ principal }) => ({
        members: await listMembers(database, allowedCreators(principal, 'manage')),
      }))

      answer(router, wire.changeRole, async ({ principal, actor, params, body }) => {
        requireManage(principal, body.creator_id)
        const members = await listMembers(database, allowedCreators(principal, 'manage'))
        const member = members.find(({ id }) => id === params.id)
        // Whoever is no member of one's creators is invited: their address is not told.
        if (!member) throw unknownMember()
        await checkCreator(body.creator_id)
        await database.transaction(async (transaction) => {
          if (body.creator_id === null) await lockOwners(transaction)
          await setRole(transaction, params.id, body.creator_id, body.role)
          if (body.creator_id === null) await refuseOwnerless(transaction)
          await recordChange(transaction, actor, {
            action: 'role.changed',
            creatorId: body.creator_id,
            target: member.email,
            details: { role: body.role },
          })
        })
        await announceUser(params.id)
        return undefined
      })

      answer(router, wire.deleteMember, async ({ actor, params }) => {
        await database.transaction(async (transaction) => {
          const user = await findUser(transaction, params.id)
          if (!user) throw unknownMember()
          await lockOwners(transaction)
          await transaction.query(sql`delete from users where id = ${user.id}::uuid`)
          await refuseOwnerless(transaction)
          await recordChange(transaction, actor, { action: 'user.deleted', target: user.email })
        })
        await announceUser(params.id)
        return undefined
      })

      answer(router, wire.makeResetLink, ({ actor, params, request }) =>
        database.transaction(async (transaction) => {
          const user = await findUser(transaction, params.id)
          if (!user) throw unknownMember()
          const { token, expiresAt } = await mintLink(transaction, 'reset', user.id)
          await recordChange(transaction, actor, {
            action: 'password.reset_link_made',
            target: user.email,
          })
          const url = linkUrl(baseOf(request), 'reset', token)
          return { url, expires_at: expiresAt.toISOString() }
        }),
      )

      answer(router, wire.listInvitations, async ({ principal }) => ({
        invitations: await listInvitations(database, allowedCreators(principal, 'manage')),
      }))

      answer(router, wire.invite, async ({ principal, actor, body, request }) => {
        const { email, role, creator_id: creatorId } = body
        requireManage(principal, creatorId)
        const where = await checkCreator(creatorId)
        const { invitation, token } = await database.transaction(async (transaction) => {
          const made = await insertInvitation(transaction, {
            email,
            creatorId,
            role,
            invitedBy: actor.name,
          })
          await recordChange(transaction, actor, {
            action: 'invitation.created',
            creatorId,
            target: email,
            details: { role },
          })
          return made
        })
        const url = linkUrl(baseOf(request), 'invitation', token)
        const letter = invitationLetter(email, { url, inviter: actor.name, where, role })
        return { ...invitation, url, mailed: (await letters?.send(letter)) ?? false }
      })

      answer(router, wire.revokeInvitation, async ({ principal, actor, params }) => {
        const of = allowedCreators(principal, 'manage')
        await database.transaction(async (transaction) => {
          const invitation = await takeInvitation(transaction, { id: params.id, of })
          if (!invitation) throw new AppError('not_found', 'There is no such invitation.')
          await recordChange(transaction, actor, {
            action: 'invitation.revoked',
            creatorId: invitation.creator_id,
            target: invitation.email,
          })
        })
        return undefined
      })

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
        const known = await findUserByEmail(database, invitation.email)
        if (known && !(principal?.kind === 'user' && principal.userId === known.id)) {
          throw new AppError('unauthorized', `Sign in as ${known.email} first, then accept.`)
        }
        const fresh = known ? null : await newUser(invitation.email, body)
        const { user, opened } = await database.transaction(async (transaction) => {
          // Somebody else may have used it while the password was hashed.
          if (!(await takeInvitation(transaction, body))) throw deadInvitation()
          const user = known ?? (await add(transaction, fresh, request))
          if (invitation.creator_id === null) await lockOwners(transaction)
          await setRole(transaction, user.id, invitation.creator_id, invitation.role)
          if (invitation.creator_id === null) await refuseOwnerless(transaction)
          await recordChange(transaction, actorOfUser(user, request.ip), {
            action: 'invitation.accepted',
            creatorId: invitation.creator_id,
            target: user.email,
            details: { role: invitation.role },
          })
          const opened = known ? null : await browser.open(transaction, request, user, 'invitation')
          return { user, opened }
        })
        await giveBack()
        await announceUser(user.id)
        if (opened) await browser.keep(request, response, opened, principal)
        return undefined
      })
    },
  }

  async function newUser(
    email: string,
    { name, password }: { name?: string | undefined; password?: string | undefined },
  ) {
    if (name === undefined || password === undefined) {
      throw new AppError('invalid_input', 'Choose a name and a password to accept with.')
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
    if (!user) throw new AppError('conflict', 'Somebody has this address here by now: sign in.')
    await recordChange(transaction, actorOfUser(user, request.ip), {
      action: 'user.created',
      target: user.email,
    })
    return user
  }

  /** Name of a creator that must exist. */
  async function checkCreator(creatorId: string | null): Promise<string> {
    if (creatorId === null) return 'all creators'
    const creator = await findCreator(database, serverTenant(creatorId))
    if (!creator) throw new AppError('not_found', `There is no creator "${creatorId}".`)
    return creator.name
  }

  /** The inviter's own page is asked for where it is, when the configuration does not say. */
  function baseOf(request: Request): string {
    return deps.publicUrl ?? `${request.protocol}://${request.get('host')}`
  }

  function announceUser(id: string): Promise<void> {
    return deps.access.announce({ kind: 'user', id, reason: null })
  }
}
