import { describe, expect, it } from 'vitest'
import { scopeNames } from '#lib/settings/scopes.ts'
import { endAfter, keyExample, keyState } from './calculate.ts'

const now = Date.UTC(2026, 10, 20)
const inDays = (days: number) => new Date(now + days * 86_400_000).toISOString()

describe('API keys', () => {
  it.each([
    [null, null, 'active'],
    [inDays(15), null, 'active'],
    [inDays(14), null, 'ends_soon'],
    [inDays(0), null, 'expired'],
    [inDays(15), inDays(-1), 'revoked'],
    [inDays(-2), inDays(-1), 'revoked'],
  ] as const)(
    '[ACCESS-4] a key that expires %s and was revoked %s is %s',
    (expires_at, revoked_at, state) => {
      expect(keyState({ expires_at, revoked_at }, now)).toBe(state)
    },
  )

  it('[ACCESS-4] a lifetime ends some days from now, or never', () => {
    expect(endAfter(30, now)).toBe('2026-12-20T00:00:00.000Z')
    expect(endAfter(1 / 24, now)).toBe('2026-11-20T01:00:00.000Z')
    expect(endAfter(null, now)).toBeNull()
  })

  it('[ACCESS-4] the example sends no event, or reads only what the key may read', () => {
    const origin = 'https://live.example'
    const key = 'cf_live_abcdefgh_secret'
    const sends = keyExample(origin, { key, creator_id: 'a', scopes: ['ingest:write', 'read'] })
    expect(sends).toContain(`POST ${origin}/api/v1/events`)
    expect(sends).toContain("-d '[]'")
    expect(sends).toContain(`Bearer ${key}`)
    const reads = (creator_id: string | null) =>
      keyExample(origin, { key, creator_id, scopes: ['read'] })
    expect(reads('a')).toContain(`curl ${origin}/api/v1/creators/a/live \\\n`)
    expect(reads(null)).toContain(`curl ${origin}/api/v1/creators \\\n`)
    expect(reads(null)).not.toContain('POST')
  })

  it('[ACCESS-4] says what a key may do', () => {
    expect(scopeNames(['read', 'ingest:write'])).toBe('send events, read numbers')
  })
})
