import { z } from 'zod'
import { endpoint, roles } from '../endpoint.ts'
import { email, time, userId } from './access.ts'
import { creatorId } from './creators.ts'

const role = z.enum(roles)
/** Null: all creators, including future ones. */
const where = creatorId.nullable()

/** What happens to the API keys a member made. */
const keysOfMember = z.enum(['revoke', 'keep']).default('revoke')
export type KeysOfMember = z.output<typeof keysOfMember>

const member = z
  .object({
    id: userId,
    email: z.string(),
    name: z.string(),
    email_verified: z
      .boolean()
      .describe('False until the person proved that the address is theirs.'),
    totp: z.boolean(),
    api_keys: z.int().describe('Active API keys they created, for creators the caller manages.'),
    created_at: time,
    seen_at: time.nullable().describe('Last use of an open sign-in.'),
    roles: z.array(z.object({ creator_id: where, role })),
  })
  .meta({ id: 'Member' })
export type Member = z.output<typeof member>

export const listMembers = endpoint('GET', '/api/v1/members', {
  summary: 'List members of the creators you manage',
  access: 'manager',
  reply: z.object({ members: z.array(member) }),
})

export const changeRole = endpoint('POST', '/api/v1/members/:id/roles', {
  summary: 'Set a member’s role for one creator or for all',
  access: 'manager',
  params: z.object({ id: userId }),
  /** `role: null` removes it. `keys` decides about API keys they made and may no longer make. */
  body: z.strictObject({ creator_id: where, role: role.nullable(), keys: keysOfMember }),
  example: { body: { creator_id: 'mia', role: 'operator' } },
  reply: z.undefined(),
  status: 204,
})

export const deleteMember = endpoint('DELETE', '/api/v1/members/:id', {
  summary:
    'Remove a user with all their roles and sign-ins, and the invitations and links they created',
  access: 'owner',
  params: z.object({ id: userId }),
  query: z.strictObject({ keys: keysOfMember }),
  example: { query: { keys: 'revoke' } },
  reply: z.undefined(),
  status: 204,
})

/** A link is in the answer once: whoever has it may use it. */
const link = z.object({ url: z.string(), expires_at: time })

export const makeResetLink = endpoint('POST', '/api/v1/members/:id/reset-link', {
  summary: 'Create a password reset link for a member, to share privately',
  access: 'owner',
  params: z.object({ id: userId }),
  reply: link,
  status: 201,
})

export const resetSecondFactor = endpoint('POST', '/api/v1/members/:id/reset-second-factor', {
  summary:
    'Reset two-factor authentication of a member who lost access; they are notified by e-mail',
  access: 'owner',
  params: z.object({ id: userId }),
  /** False if the server sends no e-mail, or could not. */
  reply: z.object({ mailed: z.boolean() }),
})

const invitation = z
  .object({
    id: z.guid(),
    email: z.string(),
    creator_id: where,
    role,
    invited_by: z.string(),
    created_at: time,
    expires_at: time,
  })
  .meta({ id: 'Invitation' })
export type Invitation = z.output<typeof invitation>

export const listInvitations = endpoint('GET', '/api/v1/invitations', {
  summary: 'List open invitations for the creators you manage',
  access: 'manager',
  reply: z.object({ invitations: z.array(invitation) }),
})

export const invite = endpoint('POST', '/api/v1/invitations', {
  summary:
    'Invite someone; the reply has the link, which is also e-mailed if this server sends e-mail',
  access: 'manager',
  body: z.strictObject({ email, creator_id: where, role }),
  example: { body: { email: 'noah@example.com', creator_id: 'mia', role: 'viewer' } },
  reply: invitation.extend({ url: z.string(), mailed: z.boolean() }),
  status: 201,
})

export const revokeInvitation = endpoint('DELETE', '/api/v1/invitations/:id', {
  summary: 'Withdraw an invitation; its link stops working',
  access: 'manager',
  params: z.object({ id: z.guid() }),
  reply: z.undefined(),
  status: 204,
})

/** Actions recorded in the audit log. */
export const teamAudit = [
  'role.changed',
  'invitation.created',
  'invitation.accepted',
  'invitation.revoked',
  'user.created',
  'user.changed',
  'user.deleted',
] as const
