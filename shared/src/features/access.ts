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
  .pipe(z.email({ error: 'is not a valid e-mail address' }))

export const passwordLength = { least: 12, most: 200 } as const
const password = z
  .string()
  .min(passwordLength.least, { error: `needs at least ${passwordLength.least} characters` })
  .max(passwordLength.most, { error: `can have at most ${passwordLength.most} characters` })
/** For an existing password: its rules at creation are not checked again. */
const knownPassword = z.string().max(passwordLength.most)
/** For a link: it is in the fragment of its address, which no log ever sees. */
const token = z.string().max(100)
/** Six digits of an authenticator app, or a recovery code. */
const code = z.string().trim().max(40)
const signedIn = z.object({ expires_at: time })

export const signInOptions = endpoint('GET', '/api/v1/sign-in', {
  summary: 'List sign-in options',
  access: 'anyone',
  reply: z.object({
    oidc: z
      .object({ label: z.string(), url: z.string() })
      .nullable()
      .describe('Label of the identity provider’s button; null if there is none.'),
    mail: z
      .boolean()
      .describe('Whether this server sends e-mail. If not, owners share reset links themselves.'),
    needs_owner: z
      .boolean()
      .describe('There is no owner yet; the terminal shows the link to create one.'),
  }),
})

export const signIn = endpoint('POST', '/api/v1/sign-in', {
  summary: 'Sign in a browser and set its cookie; `code_required` asks for a two-factor code',
  access: 'anyone',
  body: z.strictObject({ email, password: knownPassword, code: code.optional() }),
  example: { body: { email: 'mia@example.com', password: 'a long password' } },
  reply: signedIn,
  status: 201,
})

export const signOut = endpoint('DELETE', '/api/v1/sign-in', {
  summary: 'Sign out',
  access: 'anyone',
  reply: z.undefined(),
  status: 204,
})

export const startOidc = endpoint('GET', '/api/v1/sign-in/oidc', {
  summary: 'Redirect to the identity provider',
  access: 'anyone',
  writes: 'redirect',
  reply: z.undefined(),
})

export const finishOidc = endpoint('GET', '/api/v1/sign-in/oidc/callback', {
  summary: 'Handle the identity provider’s redirect: sign in and show the start page',
  access: 'anyone',
  query: z.looseObject({}),
  writes: 'redirect',
  reply: z.undefined(),
})

export const welcome = endpoint('POST', '/api/v1/welcome', {
  summary: 'Create the first owner with the link from the terminal, and sign in',
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
  summary: 'Get the caller and their permissions',
  access: 'signed_in',
  reply: z.object({
    kind: z.enum(['owner', 'user', 'key']),
    local_owner: z.boolean().describe('The local owner, who needs no sign-in.'),
    owner: z.boolean().describe('Owner of this server: all creators, the team and all keys.'),
    user: z
      .object({
        id: userId,
        email: z.string(),
        name: z.string(),
        has_password: z
          .boolean()
          .describe('False for people who sign in only through the identity provider.'),
        totp: z.boolean(),
        recovery_codes_left: z.int(),
      })
      .nullable(),
    key: z.object({ id: z.string(), scopes: z.array(z.enum(scopes)) }).nullable(),
    creators: z
      .array(z.object({ id: creatorId, name: z.string(), actions: z.array(z.enum(actions)) }))
      .describe('Creators the caller can read, with the permissions for each.'),
  }),
})

export const changeMe = endpoint('PATCH', '/api/v1/me', {
  summary: 'Change your name',
  access: 'user',
  body: z.strictObject({ name: nameOf(100) }),
  example: { body: { name: 'Mia' } },
  reply: z.undefined(),
  status: 204,
})

export const changePassword = endpoint('POST', '/api/v1/me/password', {
  summary: 'Change your password; every other sign-in ends, and this one gets a new cookie',
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
    user_agent: z.string().describe('Browser and system, as reported by the browser.'),
    created_at: time,
    seen_at: time,
    expires_at: time,
    current: z.boolean().describe('Whether it is the sign-in of this request.'),
  })
  .meta({ id: 'SignIn' })
export type SignInRow = z.output<typeof signInRow>

export const listSignIns = endpoint('GET', '/api/v1/me/sign-ins', {
  summary: 'List your open sign-ins, most recently used first',
  access: 'user',
  reply: z.object({ sign_ins: z.array(signInRow) }),
})

export const revokeSignIn = endpoint('DELETE', '/api/v1/me/sign-ins/:id', {
  summary: 'End one of your sign-ins and disconnect its sockets',
  access: 'user',
  params: z.object({ id: z.guid() }),
  reply: z.undefined(),
  status: 204,
})

export const revokeOtherSignIns = endpoint('DELETE', '/api/v1/me/sign-ins', {
  summary: 'End all your other sign-ins',
  access: 'user',
  reply: z.object({ ended: z.int() }),
})

export const enrolTotp = endpoint('POST', '/api/v1/me/totp', {
  summary: 'Start two-factor setup: get a secret for an authenticator app, valid once confirmed',
  access: 'user',
  body: z.strictObject({ password: knownPassword }),
  example: { body: { password: 'a long password' } },
  reply: z.object({ secret: z.string(), uri: z.string() }),
  status: 201,
})

export const confirmTotp = endpoint('POST', '/api/v1/me/totp/confirm', {
  summary: 'Turn on two-factor authentication with a first code; returns the recovery codes once',
  access: 'user',
  body: z.strictObject({ code }),
  example: { body: { code: '123456' } },
  reply: z.object({ recovery_codes: z.array(z.string()) }),
  status: 201,
})

export const disableTotp = endpoint('POST', '/api/v1/me/totp/disable', {
  summary: 'Turn off two-factor authentication',
  access: 'user',
  body: z.strictObject({ password: knownPassword }),
  example: { body: { password: 'a long password' } },
  reply: z.undefined(),
  status: 204,
})

export const requestReset = endpoint('POST', '/api/v1/password-reset', {
  summary: 'E-mail a password reset link; the reply never tells whether the address is known',
  access: 'anyone',
  body: z.strictObject({ email }),
  example: { body: { email: 'mia@example.com' } },
  reply: z.undefined(),
  status: 204,
})

export const resetPassword = endpoint('POST', '/api/v1/password-reset/confirm', {
  summary: 'Set a new password with a reset link; all sign-ins of the user end',
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
    .describe('Whether this address already has an account: sign in first, then accept.'),
})

export const lookAtInvitation = endpoint('POST', '/api/v1/invitations/look', {
  summary: 'Get an invitation by its link',
  access: 'anyone',
  body: z.strictObject({ token }),
  example: { body: { token: 'the end of the link' } },
  reply: invitationToAnswer,
})

export const acceptInvitation = endpoint('POST', '/api/v1/invitations/accept', {
  summary:
    'Accept an invitation: new users give a name and password and are signed in; existing users must be signed in',
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

/** Actions recorded in the audit log. */
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
