import type { apiKeysAudit } from '@creatorflow/shared/features/api-keys'
import type { ActionWords } from '#lib/audit/words.ts'
import { scopeNames } from '#lib/settings/scopes.ts'
import { m } from '#messages'

export const apiKeysWords: Readonly<Record<(typeof apiKeysAudit)[number], ActionWords>> = {
  'api_key.created': {
    group: m.api_keys_api_keys(),
    name: m.api_keys_key_created(),
    says: ({ details, place, name }) =>
      m.api_keys_created_key_name_for_place_rights({ name, place, rights: rights(details.scopes) }),
  },
  'api_key.rotated': {
    group: m.api_keys_api_keys(),
    name: m.api_keys_key_rotated(),
    says: ({ target }) => m.api_keys_created_key_to_replace_key_target({ target: target ?? '' }),
  },
  'api_key.revoked': {
    group: m.api_keys_api_keys(),
    name: m.api_keys_key_revoked(),
    says: ({ name }) => m.api_keys_revoked_key_name({ name }),
  },
}

function rights(scopes: unknown): string {
  return Array.isArray(scopes) && scopes.length > 0 ? `: ${scopeNames(scopes)}` : ''
}
