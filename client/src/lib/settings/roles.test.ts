import { roles } from '@creatorflow/shared/endpoint'
import { describe, expect, it } from 'vitest'
import { placeNames } from './places.ts'
import { roleChoices } from './roles.ts'

const all = { id: 'b', name: 'B' }

describe('roles and places', () => {
  it('[PAGE-7] every role can be chosen and says what it allows', () => {
    expect(roleChoices.map(({ role }) => role).sort()).toEqual([...roles].sort())
  })

  it('[PAGE-7] a deleted creator is shown by its id', () => {
    const placeOf = placeNames([all])
    expect([null, 'b', 'gone'].map(placeOf)).toEqual(['all creators', 'B', 'gone'])
  })
})
