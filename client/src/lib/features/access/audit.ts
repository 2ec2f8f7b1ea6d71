import type { accessAudit } from '@creatorflow/shared/features/access'
import type { ActionWords } from '#lib/audit/words.ts'
import { m } from '#messages'

export const accessWords: Readonly<Record<(typeof accessAudit)[number], ActionWords>> = {
  'sign_in.opened': {
    group: m.access_sign_in_2(),
    name: m.access_signed_in(),
    says: ({ details }) => `${signedIn(details.method)}${from(details.user_agent)}`,
  },
  'sign_in.ended': {
    group: m.access_sign_in_2(),
    name: m.access_sign_in_ended(),
    says: () => m.access_ended_sign_in(),
  },
  'sign_in.failed': {
    group: m.access_sign_in_2(),
    name: m.access_sign_in_failed(),
    says: ({ details, person }) =>
      details.reason === 'code'
        ? m.access_failed_wrong_code({ person })
        : m.access_failed_wrong_password({ person }),
  },
  'password.changed': {
    group: m.access_sign_in_2(),
    name: m.access_password_changed(),
    says: () => m.access_changed_password(),
  },
  'password.reset': {
    group: m.access_sign_in_2(),
    name: m.access_password_reset(),
    says: () => m.access_reset_password_with_link(),
  },
  'password.reset_link_made': {
    group: m.access_sign_in_2(),
    name: m.access_reset_link_created(),
    says: ({ person }) => m.access_created_password_reset_link_for({ person }),
  },
  'totp.enabled': {
    group: m.access_sign_in_2(),
    name: m.access_two_factor_authentication_turned(),
    says: () => m.access_turned_on_two_factor(),
  },
  'totp.disabled': {
    group: m.access_sign_in_2(),
    name: m.access_two_factor_authentication_turned_2(),
    says: () => m.access_turned_off_two_factor(),
  },
  'totp.recovery_code_used': {
    group: m.access_sign_in_2(),
    name: m.access_recovery_code_used(),
    says: () => m.access_signed_in_with_recovery_code(),
  },
  'totp.reset': {
    group: m.access_sign_in_2(),
    name: m.access_two_factor_authentication_reset(),
    says: ({ person }) => m.access_reset_two_factor_authentication({ person }),
  },
}

const methods: Readonly<Record<string, string>> = {
  password: m.access_signed_in_with_password(),
  oidc: m.access_signed_in_through_provider(),
  invitation: m.access_signed_in_with_invitation(),
  welcome: m.access_signed_in_as_first_owner(),
}

function signedIn(method: unknown): string {
  return (typeof method === 'string' && methods[method]) || m.access_signed_in_somehow()
}

function from(userAgent: unknown): string {
  return typeof userAgent === 'string' && userAgent !== '' ? `, ${userAgent}` : ''
}
