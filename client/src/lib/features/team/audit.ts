import type { teamAudit } from '@creatorflow/shared/features/team'
import type { ActionWords } from '#lib/audit/words.ts'
import { roleName } from '#lib/settings/roles.ts'

export const teamWords: Readonly<Record<(typeof teamAudit)[number], ActionWords>> = {
  'role.changed': {
    group: 'Team',
    name: 'Role changed',
    says: ({ details, actor, place, person }) =>
      details.role
        ? `${actor.name === person ? 'became' : `made ${person}`} ${roleOf(details.role)} of ${place}`
        : `removed the role of ${person} for ${place}`,
  },
  'invitation.created': {
    group: 'Team',
    name: 'Invitation sent',
    says: ({ details, place, person }) =>
      `invited ${person} as ${roleOf(details.role)} of ${place}`,
  },
  'invitation.accepted': {
    group: 'Team',
    name: 'Invitation accepted',
    says: ({ details, place }) => `accepted the invitation as ${roleOf(details.role)} of ${place}`,
  },
  'invitation.revoked': {
    group: 'Team',
    name: 'Invitation withdrawn',
    says: ({ person }) => `withdrew the invitation for ${person}`,
  },
  'user.created': {
    group: 'Team',
    name: 'User added',
    says: ({ actor, person }) => (actor.name === person ? 'joined' : `added the user ${person}`),
  },
  'user.changed': {
    group: 'Team',
    name: 'Name changed',
    says: ({ name }) => `changed a name to ${name}`,
  },
  'user.deleted': {
    group: 'Team',
    name: 'User removed',
    says: ({ person }) => `removed ${person}`,
  },
}

function roleOf(value: unknown): string {
  return typeof value === 'string' ? roleName(value).toLowerCase() : 'member'
}
