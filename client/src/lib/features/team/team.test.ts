import type { Member } from '@creatorflow/shared/features/team'
import { describe, expect, it } from 'vitest'
import {
  foundMembers,
  type Held,
  isOfThisMachine,
  losesOwnership,
  roleChanges,
} from './calculate.ts'

const viewerOf = (creator_id: string | null): Held => ({ creator_id, role: 'viewer' })
const ownerOf = (creator_id: string | null): Held => ({ creator_id, role: 'owner' })

describe('roles of a member', () => {
  it('[ACCESS-11] requests only what changed, and gives roles before taking any', () => {
    expect(roleChanges([viewerOf('a'), ownerOf('b')], [viewerOf('a'), ownerOf('b')])).toEqual([])
    expect(roleChanges([viewerOf('a'), ownerOf('b')], [ownerOf('a'), viewerOf(null)])).toEqual([
      ownerOf('a'),
      viewerOf(null),
      { creator_id: 'b', role: null },
    ])
  })

  it('[ACCESS-11] knows when people give up a role that only another owner can restore', () => {
    expect(losesOwnership([ownerOf(null)], [viewerOf(null)])).toBe(true)
    expect(losesOwnership([ownerOf(null)], [ownerOf('a')])).toBe(true)
    expect(losesOwnership([ownerOf('a')], [])).toBe(true)
    expect(losesOwnership([ownerOf('a')], [ownerOf(null)])).toBe(false)
    expect(losesOwnership([viewerOf('a')], [])).toBe(false)
  })
})

describe('search', () => {
  const member = (name: string, roles: Held[]): Member => ({
    id: name,
    email: `${name.toLowerCase()}@example.com`,
    name,
    email_verified: true,
    totp: false,
    api_keys: 0,
    created_at: '2026-11-20T00:00:00Z',
    seen_at: null,
    roles,
  })
  const members = [member('Anna', [ownerOf(null)]), member('Émile', [viewerOf('a')])]
  const found = (text: string) =>
    foundMembers(members, text, (id) => (id === null ? 'all creators' : 'Shop A')).map(
      ({ name }) => name,
    )

  it('[ACCESS-11] matches every word against name, address, role and creator', () => {
    expect(found('')).toEqual(['Anna', 'Émile'])
    expect(found('  éMILE ')).toEqual(['Émile'])
    expect(found('anna@')).toEqual(['Anna'])
    expect(found('viewer shop')).toEqual(['Émile'])
    expect(found('viewer anna')).toEqual([])
  })
})

it('[ACCESS-11] a link of this machine is known as one', () => {
  for (const host of ['localhost:3000', '127.0.0.1', '[::1]:3000', '127.9.9.9']) {
    expect(isOfThisMachine(`http://${host}/invitation#token=x`), host).toBe(true)
  }
  for (const host of ['192.168.1.4:3000', 'live.example.com', 'localhost.example.com']) {
    expect(isOfThisMachine(`https://${host}/invitation#token=x`), host).toBe(false)
  }
})
