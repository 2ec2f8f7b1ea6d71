import type { ApiKey } from '@creatorflow/shared/features/api-keys'
import { m } from '#messages'

export type KeyState = 'active' | 'ends_soon' | 'expired' | 'revoked'

/** Within this time of its end a key wants a successor. */
const soonMs = 14 * 86_400_000

export function keyState(
  { revoked_at, expires_at }: Pick<ApiKey, 'revoked_at' | 'expires_at'>,
  now: number,
): KeyState {
  if (revoked_at !== null) return 'revoked'
  if (expires_at === null) return 'active'
  const left = Date.parse(expires_at) - now
  if (left <= 0) return 'expired'
  return left <= soonMs ? 'ends_soon' : 'active'
}

/** Days from now, or null for a key that does not end by itself. */
export const lifetimes: readonly { readonly days: number | null; readonly name: string }[] = [
  { days: 30, name: m.api_keys_30_days() },
  { days: 90, name: m.api_keys_90_days() },
  { days: 365, name: m.api_keys_1_year() },
  { days: null, name: m.api_keys_never() },
]

export function endAfter(days: number | null, now: number): string | null {
  return days === null ? null : new Date(now + days * 86_400_000).toISOString()
}

/** A shell command that shows that the key works, and moves no number. */
export function keyExample(
  origin: string,
  key: Pick<ApiKey, 'creator_id' | 'scopes'> & { readonly key: string },
): string {
  const authorization = `-H 'authorization: Bearer ${key.key}'`
  if (!key.scopes.includes('ingest:write')) {
    const path = key.creator_id === null ? 'creators' : `creators/${key.creator_id}/live`
    return `curl ${origin}/api/v1/${path} \\\n  ${authorization}`
  }
  return [
    `curl -X POST ${origin}/api/v1/events`,
    authorization,
    "-H 'content-type: application/json'",
    // No event at all: the answer tells that the key is taken, and no number moves.
    "-d '[]'",
  ].join(' \\\n  ')
}
