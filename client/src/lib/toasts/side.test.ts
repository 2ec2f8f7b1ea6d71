import { expect, it } from 'vitest'
import { sideOf } from './side.ts'

const window = { width: 1_366, height: 768 }
const point = (x: number, y: number) => ({ left: x, right: x, top: y, bottom: y })

it('[PAGE-14] toasts never appear over what someone points at or has focused', () => {
  expect(sideOf(window, [])).toBe('right')
  expect(sideOf(window, [point(1_200, 700)])).toBe('left')
  expect(sideOf(window, [point(1_200, 100)])).toBe('right')
  expect(sideOf(window, [point(100, 700)])).toBe('right')
  const people = { left: 1_050, right: 1_352, top: 500, bottom: 754 }
  expect(sideOf(window, [people])).toBe('left')
  // Both corners are used: the one that people know.
  expect(sideOf(window, [people, point(100, 700)])).toBe('right')
})
