import { z } from 'zod'
import { apiKeyForm, parseApiKey } from '../rights/api-key-form.ts'
import { basic, optional, variable, whole, wholeS } from './variable.ts'

const apiKey = z
  .string()
  .refine((text) => parseApiKey(text) !== null, { error: `must have the form ${apiKeyForm}` })

const secretKey = z.string().transform((text, context) => {
  const key = Buffer.from(text, 'base64')
  if (key.length === 32 && /^[A-Za-z0-9+/]+=*$/.test(text)) return key
  context.addIssue('must be 32 random bytes in base64; create one with `openssl rand -base64 32`')
  return z.NEVER
})

/** Who may sign in, and how they are notified. */
export const identityVariables = {
  BOOTSTRAP_CREATOR: basic(
    optional(
      z.string().regex(/^[a-z0-9_-]{1,64}$/, { error: 'must match [a-z0-9_-]{1,64}' }),
      'slug',
      'Creator to create at startup if it doesn’t exist, with UTC and USD.',
    ),
  ),
  BOOTSTRAP_API_KEY: basic(
    optional(
      apiKey,
      'key',
      'API key of `BOOTSTRAP_CREATOR` to create at startup, for sending events and reading.',
    ),
  ),
  SECRET_KEY: basic(
    optional(
      secretKey,
      'base64',
      'Encrypts secrets in the database: 32 bytes, the same on every node. If unset, a key is created in `DATA_DIR`; back it up.',
    ),
  ),
  SECRET_KEY_PREVIOUS: basic(
    optional(
      secretKey,
      'base64',
      'The previous `SECRET_KEY`, after a change: secrets encrypted with it are re-encrypted with the new key at startup.',
    ),
  ),
  SMTP_URL: basic(
    optional(
      z.url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// address' }),
      'URL',
      'Mail server for invitations and password resets, including user and password. Needs `PUBLIC_URL`.',
    ),
  ),
  MAIL_FROM: basic(
    variable(
      z.string().regex(/^[^\r\n]+@[^\r\n]+$/, { error: 'must be an e-mail address' }),
      'CreatorFlow Live <noreply@localhost>',
      'address',
      'Sender address of outgoing e-mail.',
    ),
  ),
  OIDC_ISSUER: basic(
    optional(
      z.url({ protocol: /^https?$/, error: 'must be an https:// address' }),
      'URL',
      'OpenID Connect identity provider for sign-in. Needs `OIDC_CLIENT_ID`, `OIDC_CLIENT_SECRET` and `PUBLIC_URL`.',
    ),
  ),
  OIDC_CLIENT_ID: basic(
    optional(z.string(), 'text', 'Client ID of this server at the identity provider.'),
  ),
  OIDC_CLIENT_SECRET: basic(
    optional(z.string(), 'text', 'Client secret of this server at the identity provider.'),
  ),
  OIDC_LABEL: basic(
    variable(
      z.string().max(60),
      'Single sign-on',
      'text',
      'Label of the identity provider’s sign-in button.',
    ),
  ),
  SIGN_IN_ATTEMPTS_PER_ACCOUNT: variable(
    whole(1),
    '10',
    'attempts',
    'Wrong passwords or codes allowed per e-mail address in ATTEMPT_WINDOW_S.',
  ),
  SIGN_IN_ATTEMPTS_PER_ADDRESS: variable(
    whole(1),
    '50',
    'attempts',
    'Failed attempts allowed per network address in ATTEMPT_WINDOW_S, including links and resets.',
  ),
  RESETS_PER_ACCOUNT: variable(
    whole(1),
    '3',
    'e-mails',
    'Password-reset e-mails allowed per e-mail address in ATTEMPT_WINDOW_S.',
  ),
  ATTEMPT_WINDOW_S: variable(wholeS(1), '900', 's', 'Window in which attempts are counted.'),
  INVITATIONS_PER_INVITER: variable(
    whole(1),
    '100',
    'invitations',
    'Invitations allowed per owner in INVITATION_WINDOW_S.',
  ),
  INVITATIONS_PER_ADDRESS: variable(
    whole(1),
    '5',
    'invitations',
    'Invitations allowed per e-mail address in INVITATION_WINDOW_S, from all owners.',
  ),
  INVITATION_WINDOW_S: variable(
    wholeS(1),
    '86400',
    's',
    'Window in which invitations are counted.',
  ),
}
