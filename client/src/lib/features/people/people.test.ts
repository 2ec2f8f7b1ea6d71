import { describe, expect, it } from 'vitest'
import { erasureWords } from './erasure.ts'

describe('erasure', () => {
  it('[SET-10] tells what was erased, or that there was nobody', () => {
    expect(erasureWords({ events: 12, comments: 1, messages: 0 }, 'Shop A')).toBe(
      'Erased: 12 events of Shop A now bear a random name, 1 comment is deleted. The counts stay.',
    )
    expect(erasureWords({ events: 1, comments: 0, messages: 0 }, 'Shop A')).toContain(
      '1 event of Shop A now bears',
    )
    expect(erasureWords({ events: 0, comments: 0, messages: 1 }, 'Shop A')).toContain(
      'so is 1 message that waited or had been set aside',
    )
    expect(erasureWords({ events: 0, comments: 0, messages: 0 }, 'Shop A')).toMatch(
      /^Nobody with this id/,
    )
  })
})
