import { expect, it } from 'vitest'
import { inOrderOf } from './held-order.svelte.ts'

it('[PAGE-10] held rows keep their order, and new ones come after them', () => {
  const rows = ['c', 'new', 'a', 'b'].map((id) => ({ id }))
  expect(inOrderOf(rows, ['a', 'b', 'c', 'gone']).map(({ id }) => id)).toEqual([
    'a',
    'b',
    'c',
    'new',
  ])
})
