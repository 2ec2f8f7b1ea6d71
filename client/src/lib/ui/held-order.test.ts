import { expect, it } from 'vitest'
import { inOrderOf } from './held-order.svelte.ts'

it('[PAGE-10] what is held stays in its order, and what is new comes after it', () => {
  const rows = ['c', 'new', 'a', 'b'].map((id) => ({ id }))
  expect(inOrderOf(rows, ['a', 'b', 'c', 'gone']).map(({ id }) => id)).toEqual([
    'a',
    'b',
    'c',
    'new',
  ])
})
