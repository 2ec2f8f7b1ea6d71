import type { accessAudit } from '@creatorflow/shared/features/access'
import type { ActionWords } from '#lib/audit/words.ts'

export const accessWords: Readonly<Record<(typeof accessAudit)[number], ActionWords>> = {
  'sign_in.opened': {
    group: 'Sign-in',
    name: 'Signed in',
    says: ({ details }) => `signed in${method(details.method)}${from(details.user_agent)}`,
  },
  'sign_in.ended': {
    group: 'Sign-in',
    name: 'Sign-in ended',
    says: () => 'ended a sign-in',
  },
  'sign_in.failed': {
    group: 'Sign-in',
    name: 'Sign-in failed',
    says: ({ details, person }) =>
      `failed to sign in as ${person}: wrong ${details.reason === 'code' ? 'code' : 'password'}`,
  },
  'password.changed': {
    group: 'Sign-in',
    name: 'Password changed',
    says: () => 'changed the password',
  },
  'password.reset': {
    group: 'Sign-in',
    name: 'Password reset',
    says: () => 'reset the password with a link',
  },
  'password.reset_link_made': {
    group: 'Sign-in',
    name: 'Reset link created',
    says: ({ person }) => `created a password reset link for ${person}`,
  },
  'totp.enabled': {
    group: 'Sign-in',
    name: 'Two-factor authentication turned on',
    says: () => 'turned on two-factor authentication',
  },
  'totp.disabled': {
    group: 'Sign-in',
    name: 'Two-factor authentication turned off',
    says: () => 'turned off two-factor authentication',
  },
  'totp.recovery_code_used': {
    group: 'Sign-in',
    name: 'Recovery code used',
    says: () => 'signed in with a recovery code',
  },
  'totp.reset': {
    group: 'Sign-in',
    name: 'Two-factor authentication reset',
    says: ({ person }) => `reset two-factor authentication for ${person}`,
  },
}

const methods: Readonly<Record<string, string>> = {
  password: ' with a password',
  oidc: ' through the identity provider',
  invitation: ' with an invitation',
  welcome: ' as the first owner',
}

function method(value: unknown): string {
  return typeof value === 'string' ? (methods[value] ?? '') : ''
}

function from(userAgent: unknown): string {
  return typeof userAgent === 'string' && userAgent !== '' ? `, ${userAgent}` : ''
}
