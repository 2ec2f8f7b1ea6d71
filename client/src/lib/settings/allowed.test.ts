import { actions, roles } from '@creatorflow/shared/endpoint'
import { describe, expect, it } from 'vitest'
import { managedCreators, roleChoices, sections, sectionsFor } from './allowed.ts'
import { placeNames } from './places.ts'

const user = {
  id: '00000000-0000-4000-8000-000000000000',
  email: 'a@b.c',
  name: 'A',
  has_password: true,
  totp: false,
  recovery_codes_left: 0,
}
const read = { id: 'a', name: 'A', actions: ['read' as const] }
const all = { id: 'b', name: 'B', actions: [...actions] }

describe('what may be seen', () => {
  it('[SET-1] a viewer sees what is their own, and how sources do', () => {
    const who = { owner: false, user, creators: [read] }
    expect(sectionsFor(who)).toEqual(['profile', 'sign-ins', 'sources'])
    expect(managedCreators(who)).toEqual([])
    expect(sectionsFor({ ...who, creators: [] })).toEqual(['profile', 'sign-ins'])
  })

  it('[SET-1] who operates a creator sees its dead letters too', () => {
    const creators = [{ ...read, actions: ['read' as const, 'operate' as const] }]
    expect(sectionsFor({ owner: false, user, creators })).toContain('dead-letters')
  })

  it('[SET-1] whoever manages one creator sees every page, for that creator', () => {
    const who = { owner: false, user, creators: [read, all] }
    expect(sectionsFor(who)).toEqual(sections)
    expect(managedCreators(who)).toEqual([all])
  })

  it('[SET-1] the owner sees every page also before there is a creator; at the machine without sign-ins', () => {
    expect(sectionsFor({ owner: true, user, creators: [] })).toEqual(sections)
    expect(sectionsFor({ owner: true, user: null, creators: [] })).toEqual(
      sections.filter((section) => section !== 'sign-ins'),
    )
  })

  it('[SET-1] every role can be chosen, and says what it may do', () => {
    expect(roleChoices.map(({ role }) => role).sort()).toEqual([...roles].sort())
  })

  it('[SET-1] a creator that is gone is called by its id', () => {
    const placeOf = placeNames([all])
    expect([null, 'b', 'gone'].map(placeOf)).toEqual(['all creators', 'B', 'gone'])
  })
})
