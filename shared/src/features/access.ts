import { z } from 'zod'
import { actions, endpoint } from '../endpoint.ts'
import { creatorId, nameOf } from './creators.ts'

export const scopes = ['ingest:write', 'read', 'operate'] as const
export type Scope = (typeof scopes)[number]

export const time = z.iso.datetime()
export const userId = z.guid()

/** Compared in lower case: nobody means another person by another case. */
export const email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .pipe(z.email({ error: 'is no e-mail address' }))

export const passwordLength = { least: 12, most: 200 } as const
const password = z
  .string()
  .min(passwordLength.least, { error: `needs ${passwordLength.least} characters or more` })
  .max(passwordLength.most, { error: `may have ${passwordLength.most} characters at most` })
/** Of a password that exists: what it once was asked to be is not asked again. */
const knownPassword = z.string().max(passwordLength.most)
/** Of a link: it stands in the fragment of its address, which no log ever sees. */
const token = z.string().max(100)
/** Six digits of an authenticator app, or a recovery code. */
const code = z.string().trim().max(40)
const signedIn = z.object({ expires_at: time })

export const signInOptions = endpoint('GET', '/api/v1/sign-in', {
  summary: 'The ways to sign in that this server offers',
  access: 'anyone',
  reply: z.object({
    oidc: z
      .object({ label: z.string(), url: z.string() })
      .nullable()
      .describe('What the button of the identity provider says; null where there is none.'),
    mail: z
      .boolean()
      .describe('Whether this server sends mail: without it an owner hands out reset links.'),
    needs_owner: z
      .boolean()
      .describe('No owner exists yet: the terminal shows the link that makes one.'),
  }),
})

export const signIn = endpoint('POST', '/api/v1/sign-in', {
  summary: 'Signs a browser in and sets its cookie; `code_required` asks for the second factor too',
  access: 'anyone',
  body: z.strictObject({ email, password: knownPassword, code: code.optional() }),
  example: { body: { email: 'mia@example.com', password: 'a long password' } },
  reply: signedIn,
  status: 201,
})

export const signOut = endpoint('DELETE', '/api/v1/sign-in', {
  summary: 'Ends the sign-in of the cookie',
  access: 'anyone',
  reply: z.undefined(),
  status: 204,
})

export const startOidc = endpoint('GET', '/api/v1/sign-in/oidc', {
  summary: 'Sends a browser to the identity provider',
  access: 'anyone',
  writes: 'redirect',
  reply: z.undefined(),
})

export const finishOidc = endpoint('GET', '/api/v1/sign-in/oidc/callback', {
  summary:
    'Where the identity provider sends a browser back to: signs it in and shows the start page',
  access: 'anyone',
  query: z.looseObject({}),
  writes: 'redirect',
  reply: z.undefined(),
})

export const welcome = endpoint('POST', '/api/v1/welcome', {
  summary: 'Makes the first owner with the link that the terminal shows, and signs in',
  access: 'anyone',
  body: z.strictObject({ token, email, name: nameOf(100), password }),
  example: {
    body: {
      token: 'the end of the link',
      email: 'mia@example.com',
      name: 'Mia',
      password: 'a long password',
    },
  },
  reply: signedIn,
  status: 201,
})

export const me = endpoint('GET', '/api/v1/me', {
  summary: 'Who is asking, and what they may do',
  access: 'signed_in',
  reply: z.object({
    kind: z.enum(['owner', 'user', 'key']),
    local_owner: z.boolean().describe('The person at this machine, who needs no sign-in.'),
    owner: z
      .boolean()
      .describe('Owner of the installation: of every creator, of the team, of all keys.'),
    user: z
      .object({
        id: userId,
        email: z.string(),
        name: z.string(),
        has_password: z
          .boolean()
          .describe('False for who signs in through the identity provider alone.'),
        totp: z.boolean(),
        recovery_codes_left: z.int(),
      })
      .nullable(),
    key: z.object({ id: z.string(), scopes: z.array(z.enum(scopes)) }).nullable(),
    creators: z
      .array(z.object({ id: creatorId, name: z.string(), actions: z.array(z.enum(actions)) }))
      .describe('The creators that the caller may read, with everything that it may do to each.'),
  }),
})

export const changeMe = endpoint('PATCH', '/api/v1/me', {
  summary: "Changes one's own name",
  access: 'user',
  body: z.strictObject({ name: nameOf(100) }),
  example: { body: { name: 'Mia' } },
  reply: z.undefined(),
  status: 204,
})

export const changePassword = endpoint('POST', '/api/v1/me/password', {
  summary: "Changes one's own password: every other sign-in ends, and this one gets a new cookie",
  access: 'user',
  body: z.strictObject({ current: knownPassword, password }),
  example: { body: { current: 'a long password', password: 'another long password' } },
  reply: signedIn,
  status: 201,
})

const signInRow = z
  .object({
    id: z.string(),
    address: z.string(),
    user_agent: z.string().describe('Browser and system in short, as the browser told them.'),
    created_at: time,
    seen_at: time,
    expires_at: time,
    current: z.boolean().describe('Whether it is the one that asks.'),
  })
  .meta({ id: 'SignIn' })
export type SignInRow = z.output<typeof signInRow>

export const listSignIns = endpoint('GET', '/api/v1/me/sign-ins', {
  summary: "One's own open sign-ins, the latest used first",
  access: 'user',
  reply: z.object({ sign_ins: z.array(signInRow) }),
})

export const revokeSignIn = endpoint('DELETE', '/api/v1/me/sign-ins/:id', {
  summary: "Ends one of one's own sign-ins; its sockets are cut",
  access: 'user',
  params: z.object({ id: z.guid() }),
  reply: z.undefined(),
  status: 204,
})

export const revokeOtherSignIns = endpoint('DELETE', '/api/v1/me/sign-ins', {
  summary: "Ends all of one's own sign-ins but this one",
  access: 'user',
  reply: z.object({ ended: z.int() }),
})

export const enrolTotp = endpoint('POST', '/api/v1/me/totp', {
  summary: 'Begins a second factor: the secret for an authenticator app, valid once confirmed',
  access: 'user',
  body: z.strictObject({ password: knownPassword }),
  example: { body: { password: 'a long password' } },
  reply: z.object({ secret: z.string(), uri: z.string() }),
  status: 201,
})

export const confirmTotp = endpoint('POST', '/api/v1/me/totp/confirm', {
  summary: 'Turns the second factor on with a first code; recovery codes are shown this once',
  access: 'user',
  body: z.strictObject({ code }),
  example: { body: { code: '123456' } },
  reply: z.object({ recovery_codes: z.array(z.string()) }),
  status: 201,
})

export const disableTotp = endpoint('POST', '/api/v1/me/totp/disable', {
  summary: 'Turns the second factor off',
  access: 'user',
  body: z.strictObject({ password: knownPassword }),
  example: { body: { password: 'a long password' } },
  reply: z.undefined(),
  status: 204,
})

export const requestReset = endpoint('POST', '/api/v1/password-reset', {
  summary: 'Mails a link to set a new password; says nothing about whether the address is known',
  access: 'anyone',
  body: z.strictObject({ email }),
  example: { body: { email: 'mia@example.com' } },
  reply: z.undefined(),
  status: 204,
})

export const resetPassword = endpoint('POST', '/api/v1/password-reset/confirm', {
  summary: 'Sets a new password with a link, which works once; every sign-in of the user ends',
  access: 'anyone',
  body: z.strictObject({ token, password }),
  example: { body: { token: 'the end of the link', password: 'another long password' } },
  reply: z.undefined(),
  status: 204,
})

const invitationToAnswer = z.object({
  email: z.string(),
  role: z.string(),
  creator: z.object({ id: creatorId, name: z.string() }).nullable(),
  expires_at: time,
  has_user: z
    .boolean()
    .describe('Whether somebody has this address here already: they sign in first, then accept.'),
})

export const lookAtInvitation = endpoint('POST', '/api/v1/invitations/look', {
  summary: 'What an invitation link is for',
  access: 'anyone',
  body: z.strictObject({ token }),
  example: { body: { token: 'the end of the link' } },
  reply: invitationToAnswer,
})

export const acceptInvitation = endpoint('POST', '/api/v1/invitations/accept', {
  summary:
    'Accepts an invitation: a new user gives name and password and is signed in; a known one is signed in already',
  access: 'anyone',
  body: z.strictObject({
    token,
    name: nameOf(100).optional(),
    password: password.optional(),
  }),
  example: { body: { token: 'the end of the link', name: 'Noah', password: 'a long password' } },
  reply: z.undefined(),
  status: 204,
})

/** What the audit log notes of it. */
export const accessAudit = [
  'sign_in.opened',
  'sign_in.ended',
  'sign_in.failed',
  'password.changed',
  'password.reset',
  'password.reset_link_made',
  'totp.enabled',
  'totp.disabled',
  'totp.recovery_code_used',
  'totp.reset',
] as const
