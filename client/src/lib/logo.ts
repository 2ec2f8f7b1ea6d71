import type { Creator } from '@creatorflow/shared/creator'
import type { getLogo } from '@creatorflow/shared/features/creators'
import { request } from './request.ts'

/** Where a creator's logo is; null if it has none. */
export function logoOf({ id, logo }: Pick<Creator, 'id' | 'logo'>): string | null {
  if (!logo) return null
  return request<typeof getLogo>('GET /api/v1/creators/:creator_id/logo', {
    params: { creator_id: id },
    query: { v: logo },
  }).path
}
