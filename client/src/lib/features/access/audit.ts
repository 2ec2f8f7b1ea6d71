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
    name: 'Sign-in refused',
    says: ({ details, person }) =>
      `refused a sign-in as ${person}: wrong ${details.reason === 'code' ? 'code' : 'password'}`,
  },
  'password.changed': {
    group: 'Sign-in',
    name: 'Password changed',
    says: () => 'changed the password',
  },
  'password.reset': {
    group: 'Sign-in',
    name: 'Password set by link',
    says: () => 'set a new password with a link',
  },
  'password.reset_link_made': {
    group: 'Sign-in',
    name: 'Reset link made',
    says: ({ person }) => `made a link with which ${person} sets a new password`,
  },
  'totp.enabled': {
    group: 'Sign-in',
    name: 'Second factor on',
    says: () => 'turned the second factor on',
  },
  'totp.disabled': {
    group: 'Sign-in',
    name: 'Second factor off',
    says: () => 'turned the second factor off',
  },
  'totp.recovery_code_used': {
    group: 'Sign-in',
    name: 'Recovery code used',
    says: () => 'used a recovery code in place of the second factor',
  },
  'totp.reset': {
    group: 'Sign-in',
    name: 'Second factor removed by an owner',
    says: ({ person }) => `removed the second factor of ${person}`,
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
