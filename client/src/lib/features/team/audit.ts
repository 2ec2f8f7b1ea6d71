import type { teamAudit } from '@creatorflow/shared/features/team'
import type { ActionWords } from '#lib/audit/words.ts'
import { roleName } from '#lib/settings/roles.ts'
import { m } from '#messages'

export const teamWords: Readonly<Record<(typeof teamAudit)[number], ActionWords>> = {
  'role.changed': {
    group: m.team_team(),
    name: m.team_role_changed(),
    says: ({ details, actor, place, person }) =>
      details.role
        ? actor.name === person
          ? m.team_became_role({ role: roleOf(details.role), place })
          : m.team_made_person_role({ person, role: roleOf(details.role), place })
        : m.team_removed_role_of_person_for_place({ person, place }),
  },
  'invitation.created': {
    group: m.team_team(),
    name: m.team_invitation_sent(),
    says: ({ details, place, person }) =>
      m.team_invited_person_as_role_of_place({ person, role: roleOf(details.role), place }),
  },
  'invitation.accepted': {
    group: m.team_team(),
    name: m.team_invitation_accepted(),
    says: ({ details, place }) =>
      m.team_accepted_invitation_as_role_of({ role: roleOf(details.role), place }),
  },
  'invitation.revoked': {
    group: m.team_team(),
    name: m.team_invitation_withdrawn(),
    says: ({ person }) => m.team_withdrew_invitation_for_person({ person }),
  },
  'user.created': {
    group: m.team_team(),
    name: m.team_user_added(),
    says: ({ actor, person }) =>
      actor.name === person ? m.team_joined() : m.team_added_user_person({ person }),
  },
  'user.changed': {
    group: m.team_team(),
    name: m.team_name_changed(),
    says: ({ name }) => m.team_changed_name_to_name({ name }),
  },
  'user.deleted': {
    group: m.team_team(),
    name: m.team_user_removed(),
    says: ({ person }) => m.team_removed_person({ person }),
  },
}

function roleOf(value: unknown): string {
  return typeof value === 'string' ? roleName(value).toLowerCase() : m.team_a_member()
}
