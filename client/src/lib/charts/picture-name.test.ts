import { expect, test } from 'vitest'
import { pictureName } from './picture-name.ts'

test('[PAGE-9] a picture has a name that every system takes, in any script', () => {
  expect(pictureName('GMV per minute', 'Evening: sale/part 2')).toBe(
    'gmv-per-minute-evening-sale-part-2.png',
  )
  expect(pictureName('GMV', '日本の店')).toBe('gmv-日本の店.png')
  expect(pictureName('GMV', 'متجر', '../..')).toBe('gmv-متجر.png')
  expect(pictureName('🛍️', '...')).toBe('chart.png')
  expect(pictureName('a'.repeat(300))).toHaveLength(84)
})
