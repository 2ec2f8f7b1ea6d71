import { describe, expect, it } from 'vitest'
import { erasureWords } from './erasure.ts'

describe('erasure', () => {
  it('[PRIVACY-1] says what was erased, or that nobody was found', () => {
    expect(erasureWords({ events: 12, comments: 1, messages: 0 }, 'Shop A')).toBe(
      'Erased: 12 events of Shop A anonymized; 1 comment deleted. Totals stay the same.',
    )
    expect(erasureWords({ events: 1, comments: 0, messages: 1 }, 'Shop A')).toContain(
      '1 event of Shop A anonymized; 0 comments and 1 unprocessed message deleted.',
    )
    expect(erasureWords({ events: 0, comments: 0, messages: 0 }, 'Shop A')).toBe(
      'No data with this ID in Shop A. Nothing was erased.',
    )
  })
})
