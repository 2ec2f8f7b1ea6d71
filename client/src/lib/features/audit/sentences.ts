import type { AuditAction, AuditEntry } from '@creatorflow/shared/features/audit'
import { roleName } from '#lib/settings/roles.ts'
import { scopeNames } from '#lib/settings/scopes.ts'

/** How an entry calls what it names by id or address. */
export interface Names {
  readonly placeOf: (creatorId: string | null) => string
  /** Name of whoever has an e-mail address, else the address. */
  readonly personOf: (email: string) => string
}

/** Who did it, as a sentence begins. */
export function actorName({ kind, name }: AuditEntry['actor']): string {
  switch (kind) {
    case 'owner':
      return 'The owner at the machine'
    case 'server':
      return 'The server'
    case 'key':
      return `The key “${name}”`
    case 'user':
      return name
  }
}

/** What was done, to stand after the name of who did it: "made Ben operator of Shop A". */
export function sentence(entry: AuditEntry, { placeOf, personOf }: Names): string {
  const { action, target, details } = entry
  const place = placeOf(entry.creator_id)
  const person = target === null ? 'somebody' : personOf(target)
  const self = entry.actor.name === person
  const name = quoted(details.name) ?? target ?? ''

  const source = name || 'of before'

  const sentences: Readonly<Record<AuditAction, () => string>> = {
    'sign_in.opened': () => `signed in${method(details.method)}${from(details.user_agent)}`,
    'sign_in.ended': () => 'ended a sign-in',
    'sign_in.failed': () =>
      `refused a sign-in as ${person}: wrong ${details.reason === 'code' ? 'code' : 'password'}`,
    'password.changed': () => 'changed the password',
    'password.reset': () => 'set a new password with a link',
    'password.reset_link_made': () => `made a link with which ${person} sets a new password`,
    'totp.enabled': () => 'turned the second factor on',
    'totp.disabled': () => 'turned the second factor off',
    'totp.recovery_code_used': () => 'used a recovery code in place of the second factor',
    'totp.reset': () => `removed the second factor of ${person}`,
    'user.created': () =>
      entry.actor.name === person ? 'became a user' : `made the user ${person}`,
    'user.changed': () => `changed a name to ${name}`,
    'user.deleted': () => `removed ${person}`,
    'role.changed': () =>
      details.role
        ? `${self ? 'became' : `made ${person}`} ${roleOf(details.role)} of ${place}`
        : `took the role for ${place} from ${person}`,
    'invitation.created': () => `invited ${person} as ${roleOf(details.role)} of ${place}`,
    'invitation.accepted': () => `accepted the invitation as ${roleOf(details.role)} of ${place}`,
    'invitation.revoked': () => `took back the invitation of ${person}`,
    'api_key.created': () => `made the key ${name} for ${place}${rights(details.scopes)}`,
    'api_key.rotated': () => `made a key to take the place of the key ${target ?? ''}`,
    'api_key.revoked': () => `revoked the key ${name}`,
    'creator.created': () => `added the creator ${place}`,
    'creator.changed': () => `changed the creator ${place}${changes(details)}`,
    'creator.deleted': () => `deleted the creator ${place}`,
    'source.added': () => `added the source ${source} to ${place}`,
    'source.changed': () => `changed the source ${source} of ${place}${sourceChanges(details)}`,
    'source.removed': () => `removed the source ${source} from ${place}`,
    'dead_letters.dropped': () => `dropped ${letters(details.letters)} of ${place}`,
    'job.asked': () =>
      target ? `asked for a run of the job “${target}”` : 'asked for a run of a job',
    'person.erased': () => `erased a person from the data of ${place}`,
    'person.exported': () => `took a person's data of ${place} along`,
  }
  // A newer server may write what this page has no words for yet.
  return sentences[action]?.() ?? [action, target].filter(Boolean).join(' ')
}

/** The names of all actions, by what they are about. */
export const actionGroups: readonly {
  readonly name: string
  readonly actions: readonly { readonly action: AuditAction; readonly name: string }[]
}[] = [
  group('Team', {
    'role.changed': 'Role changed',
    'invitation.created': 'Invitation made',
    'invitation.accepted': 'Invitation accepted',
    'invitation.revoked': 'Invitation taken back',
    'user.created': 'User added',
    'user.changed': 'Name changed',
    'user.deleted': 'User removed',
  }),
  group('API keys', {
    'api_key.created': 'Key made',
    'api_key.rotated': 'Key rotated',
    'api_key.revoked': 'Key revoked',
  }),
  group('Sources', {
    'source.added': 'Source added',
    'source.changed': 'Source changed',
    'source.removed': 'Source removed',
    'dead_letters.dropped': 'Dead letters dropped',
  }),
  group('Data', {
    'creator.created': 'Creator added',
    'creator.changed': 'Creator changed',
    'creator.deleted': 'Creator deleted',
    'person.erased': 'Person erased',
    'person.exported': 'Data of a person taken along',
    'job.asked': 'Job run by hand',
  }),
  group('Sign-in', {
    'sign_in.opened': 'Signed in',
    'sign_in.ended': 'Sign-in ended',
    'sign_in.failed': 'Sign-in refused',
    'password.changed': 'Password changed',
    'password.reset': 'Password set by link',
    'password.reset_link_made': 'Reset link made',
    'totp.enabled': 'Second factor on',
    'totp.disabled': 'Second factor off',
    'totp.recovery_code_used': 'Recovery code used',
    'totp.reset': 'Second factor removed by an owner',
  }),
]

function group(name: string, actions: Partial<Record<AuditAction, string>>) {
  return {
    name,
    actions: Object.entries(actions).map(([action, label]) => ({
      // Keys of an object that is typed by action.
      action: action as AuditAction,
      name: label,
    })),
  }
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

function roleOf(value: unknown): string {
  return typeof value === 'string' ? roleName(value).toLowerCase() : 'member'
}

function rights(scopes: unknown): string {
  return Array.isArray(scopes) && scopes.length > 0 ? `: ${scopeNames(scopes)}` : ''
}

function quoted(value: unknown): string | undefined {
  return typeof value === 'string' ? `“${value}”` : undefined
}

/** Which parts of a creator were changed, as the server notes them. */
function changes(details: AuditEntry['details']): string {
  const parts = Object.entries(details)
    .filter(([, value]) => typeof value === 'string')
    .map(([part, value]) => `${part.replaceAll('_', ' ')} to ${quoted(value)}`)
  return parts.length > 0 ? `: ${parts.join(', ')}` : ''
}

/** What was changed of a source; of its secrets only which, never what. */
function sourceChanges({ renamed_to, enabled, secrets }: AuditEntry['details']): string {
  const parts = [
    ...(typeof renamed_to === 'string' ? [`name to ${quoted(renamed_to)}`] : []),
    ...(typeof enabled === 'boolean' ? [enabled ? 'turned on' : 'turned off'] : []),
    ...(Array.isArray(secrets) && secrets.length > 0 ? ['new secrets'] : []),
  ]
  return parts.length > 0 ? `: ${parts.join(', ')}` : ''
}

function letters(n: unknown): string {
  if (typeof n !== 'number') return 'dead letters'
  return n === 1 ? 'a dead letter' : `${n} dead letters`
}
