import { expect, it } from 'vitest'
import { subjectName } from './episode-words.ts'

it('[PAGE-18] an episode about a product or a pin names the product, and has its ID where no name was told', () => {
  const live = {
    product_rows: { 'p-1': 0, 'p-2': 1 },
    product_names: ['Speckled mug', ''],
    pin_marks: [{ ts: 1, id: 'pin-1', product_id: 'p-1' }],
  }
  expect(subjectName(live, 'p-1')).toBe('Speckled mug')
  expect(subjectName(live, 'pin-1')).toBe('Speckled mug')
  expect(subjectName(live, 'p-2')).toBe('p-2')
  expect(subjectName(live, 'tiktok_search')).toBe('tiktok_search')
})
