import type { apiKeysAudit } from '@creatorflow/shared/features/api-keys'
import type { ActionWords } from '#lib/audit/words.ts'
import { scopeNames } from '#lib/settings/scopes.ts'

export const apiKeysWords: Readonly<Record<(typeof apiKeysAudit)[number], ActionWords>> = {
  'api_key.created': {
    group: 'API keys',
    name: 'Key created',
    says: ({ details, place, name }) =>
      `created the key ${name} for ${place}${rights(details.scopes)}`,
  },
  'api_key.rotated': {
    group: 'API keys',
    name: 'Key rotated',
    says: ({ target }) => `created a key to replace the key ${target ?? ''}`,
  },
  'api_key.revoked': {
    group: 'API keys',
    name: 'Key revoked',
    says: ({ name }) => `revoked the key ${name}`,
  },
}

function rights(scopes: unknown): string {
  return Array.isArray(scopes) && scopes.length > 0 ? `: ${scopeNames(scopes)}` : ''
}
