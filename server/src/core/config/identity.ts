import { z } from 'zod'
import { apiKeyForm, parseApiKey } from '../rights/api-key-form.ts'
import { basic, optional, variable, whole, wholeS } from './variable.ts'

const apiKey = z
  .string()
  .refine((text) => parseApiKey(text) !== null, { error: `must have the form ${apiKeyForm}` })

const secretKey = z.string().transform((text, context) => {
  const key = Buffer.from(text, 'base64')
  if (key.length === 32 && /^[A-Za-z0-9+/]+=*$/.test(text)) return key
  context.addIssue('must be 32 random bytes in base64, such as `openssl rand -base64 32` prints')
  return z.NEVER
})

/** Who may come in, and how they are told. */
export const identityVariables = {
  BOOTSTRAP_CREATOR: basic(
    optional(
      z.string().regex(/^[a-z0-9_-]{1,64}$/, { error: 'must match [a-z0-9_-]{1,64}' }),
      'slug',
      'Creator that is made at the start when it is missing, in UTC and USD.',
    ),
  ),
  BOOTSTRAP_API_KEY: basic(
    optional(
      apiKey,
      'key',
      'API key that is valid from the start for `BOOTSTRAP_CREATOR`, to send events and to read.',
    ),
  ),
  SECRET_KEY: basic(
    optional(
      secretKey,
      'base64',
      'Seals secrets in the database, 32 bytes, the same on every node; without it one is made in `DATA_DIR`.',
    ),
  ),
  SECRET_KEY_PREVIOUS: basic(
    optional(
      secretKey,
      'base64',
      'The `SECRET_KEY` before a change: secrets that it encrypted are opened, and encrypted with the new one at the start.',
    ),
  ),
  SMTP_URL: basic(
    optional(
      z.url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// address' }),
      'URL',
      'Mail server for invitations and password resets, with user and password; needs `PUBLIC_URL`.',
    ),
  ),
  MAIL_FROM: basic(
    variable(
      z.string().regex(/^[^\r\n]+@[^\r\n]+$/, { error: 'must be an e-mail address' }),
      'CreatorFlow Live <noreply@localhost>',
      'address',
      'Who letters come from.',
    ),
  ),
  OIDC_ISSUER: basic(
    optional(
      z.url({ protocol: /^https?$/, error: 'must be an https:// address' }),
      'URL',
      'Identity provider (OpenID Connect) to sign in through; needs the next two and `PUBLIC_URL`.',
    ),
  ),
  OIDC_CLIENT_ID: basic(
    optional(z.string(), 'text', 'Name of this server at the identity provider.'),
  ),
  OIDC_CLIENT_SECRET: basic(optional(z.string(), 'text', 'Its secret there.')),
  OIDC_LABEL: basic(
    variable(
      z.string().max(60),
      'Single sign-on',
      'text',
      'What the button to the identity provider says.',
    ),
  ),
  SIGN_IN_ATTEMPTS_PER_ACCOUNT: variable(
    whole(1),
    '10',
    'attempts',
    'Most wrong passwords or codes for one e-mail address in ATTEMPT_WINDOW_S.',
  ),
  SIGN_IN_ATTEMPTS_PER_ADDRESS: variable(
    whole(1),
    '50',
    'attempts',
    'Most wrong attempts from one network address in ATTEMPT_WINDOW_S, links and resets included.',
  ),
  RESETS_PER_ACCOUNT: variable(
    whole(1),
    '3',
    'letters',
    'Most letters to set a new password for one e-mail address in ATTEMPT_WINDOW_S.',
  ),
  ATTEMPT_WINDOW_S: variable(wholeS(1), '900', 's', 'Time in which attempts are counted.'),
  INVITATIONS_PER_INVITER: variable(
    whole(1),
    '100',
    'invitations',
    'Invitations that one owner may make in INVITATION_WINDOW_S.',
  ),
  INVITATIONS_PER_ADDRESS: variable(
    whole(1),
    '5',
    'invitations',
    'Invitations that may go to one e-mail address in INVITATION_WINDOW_S, whoever makes them.',
  ),
  INVITATION_WINDOW_S: variable(wholeS(1), '86400', 's', 'Time in which invitations are counted.'),
}
