import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { initialsOf, tintOf } from './monogram.ts'

describe('monogram', () => {
  test.each([
    ['Speckled stoneware mug', 'SS'],
    ['tea', 'T'],
    ['@river.harbor', 'R'],
    ['"Mystery" (box)', 'MB'],
    ['日本の店', '日'],
    ['👩‍👩‍👧 family set', '👩‍👩‍👧'],
    ['متجر الشاي', 'ما'],
    ['é́clair', 'É́'],
    ['12 bags', '1B'],
    ['···', ''],
    ['', ''],
  ])('[PAGE-12] %s is %s for short', (name, initials) => {
    expect(initialsOf(name)).toBe(initials)
  })

  test('[PAGE-12] an id keeps its tint, and ids in a row have different ones', () => {
    fc.assert(
      fc.property(fc.string(), (id) => tintOf(id) === tintOf([...id].join('')) && tintOf(id) >= 0),
    )
    const tints = new Set(Array.from({ length: 20 }, (_, n) => tintOf(`product-${n}`)))
    expect(tints.size).toBeGreaterThan(5)
  })
})
