import type { AuditEntry } from '@creatorflow/shared/features/audit'
import { auditActions } from '@creatorflow/shared/features/audit'
import { describe, expect, it } from 'vitest'
import { actionGroups } from '#lib/audit/list.ts'
import { byDay, filterOf, pageQuery, serverQuery } from './calculate.ts'
import { actorName, sentence } from './sentences.ts'

const names = {
  placeOf: (id: string | null) => (id === null ? 'all creators' : id === 'a' ? 'Shop A' : id),
  personOf: (email: string) => ({ 'ben@x.y': 'Ben', 'anna@x.y': 'Anna' })[email] ?? email,
}

function entry(action: string, more: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id: 1,
    at: '2026-11-20T20:00:00.000Z',
    actor: { kind: 'user', id: 'u', name: 'Anna' },
    address: null,
    creator_id: null,
    // Also actions that this page has never heard of.
    action: action as AuditEntry['action'],
    target: null,
    details: {},
    ...more,
  }
}
const said = (action: string, more?: Partial<AuditEntry>) => sentence(entry(action, more), names)

describe('audit log', () => {
  it('[ACCESS-12] reads as sentences', () => {
    const ben = { target: 'ben@x.y', creator_id: 'a' }
    expect(said('role.changed', { ...ben, details: { role: 'operator' } })).toBe(
      'made Ben operator of Shop A',
    )
    expect(said('role.changed', { ...ben, details: { role: null } })).toBe(
      'removed the role of Ben for Shop A',
    )
    expect(said('role.changed', { target: 'anna@x.y', details: { role: 'owner' } })).toBe(
      'became owner of all creators',
    )
    expect(said('invitation.created', { target: 'c@x.y', details: { role: 'viewer' } })).toBe(
      'invited c@x.y as viewer of all creators',
    )
    expect(
      said('sign_in.opened', { details: { method: 'oidc', user_agent: 'Firefox on Linux' } }),
    ).toBe('signed in through the identity provider, Firefox on Linux')
    expect(
      said('api_key.created', {
        creator_id: 'a',
        target: 'abcdefgh',
        details: { name: 'wall', scopes: ['read'], expires_at: null },
      }),
    ).toBe('created the key “wall” for Shop A: read numbers')
    expect(said('creator.changed', { creator_id: 'a', details: { time_zone: 'UTC' } })).toBe(
      'changed the creator Shop A: time zone to “UTC”',
    )
  })

  it('[ACCESS-12] has a sentence without details for every action, and a name in the filter', () => {
    for (const action of auditActions) {
      expect(said(action), action).toMatch(/^[a-z]/)
      expect(said(action), action).not.toMatch(/undefined|null|object/)
    }
    const offered = actionGroups.flatMap(({ actions }) => actions.map(({ action }) => action))
    expect(offered.sort()).toEqual([...auditActions].sort())
  })

  it('[REPO-2] each action has one area, and none of them is named twice', () => {
    expect(new Set(auditActions).size).toBe(auditActions.length)
    const files = import.meta.glob<Record<string, object>>('/src/lib/features/*/audit.ts', {
      eager: true,
    })
    const worded = Object.values(files).flatMap((area) => Object.values(area).flatMap(Object.keys))
    expect(worded.sort()).toEqual([...auditActions].sort())
  })

  it('[ACCESS-12] starts with who did it, even if that is not a user', () => {
    const kinds = ['user', 'key', 'owner', 'server'] as const
    expect(kinds.map((kind) => actorName({ kind, id: null, name: 'X' }))).toEqual([
      'X',
      'The key “X”',
      'The local owner',
      'The server',
    ])
  })

  it('[ACCESS-12] shows actions it has no words for by name', () => {
    expect(said('wall.paired', { target: 'studio' })).toBe('wall.paired studio')
  })

  it("[ACCESS-12] the filter is in the page's address, and invalid days are ignored", () => {
    const filter = { creator: 'a', action: 'role.changed', from: '2026-11-01', to: '' }
    expect(pageQuery(filter)).toBe('?creator=a&action=role.changed&from=2026-11-01')
    expect(filterOf(new URLSearchParams(pageQuery(filter)))).toEqual(filter)
    expect(filterOf(new URLSearchParams('from=soon&to=2026-1-1'))).toEqual({
      creator: '',
      action: '',
      from: '',
      to: '',
    })
    expect(pageQuery(filterOf(new URLSearchParams()))).toBe('')
  })

  it("[ACCESS-12] asks the server for whole days in the reader's time zone", () => {
    const day = '2026-11-20'
    const asked = serverQuery({ creator: '', action: '', from: day, to: day })
    expect(asked).toEqual({
      from: new Date(2026, 10, 20).toISOString(),
      to: new Date(2026, 10, 21).toISOString(),
    })
  })

  it('[ACCESS-12] entries are grouped by day, in order', () => {
    const entries = ['2026-11-20T21:00Z', '2026-11-20T20:00Z', '2026-11-19T20:00Z'].map((at, id) =>
      entry('sign_in.ended', { at, id }),
    )
    const days = byDay(entries, (at) => new Date(at).toISOString().slice(0, 10))
    expect(days.map(({ day, entries }) => [day, entries.map(({ id }) => id)])).toEqual([
      ['2026-11-20', [0, 1]],
      ['2026-11-19', [2]],
    ])
  })
})
