import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readWindow } from './read-window.ts'

const same = (id: string) => id

test('[TTSHOP-4] pages that repeat and skip still yield everything once', async () => {
  const ids = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(ids, fc.integer({ min: 1, max: 7 }), fc.nat(), async (all, size, wave) => {
      let read = 0
      const found = await readWindow(async (token) => {
        if (token === '') read++
        const from = Number(token || 0)
        // The first time one is missing on a page, and each page starts with the end of the previous one.
        const skipped = read === 1 ? from + (wave % size) : -1
        const items = all.slice(Math.max(0, from - 1), from + size)
        const next = from + size < all.length ? String(from + size) : ''
        return { items: items.filter((id) => id !== all[skipped]), next, total: all.length }
      }, same)
      expect([...found.items].sort()).toEqual([...all].sort())
      expect(found.isShort).toBe(false)
    }),
  )
})

test('[TTSHOP-4] a repeated page token ends the read, and a shortfall is reported', async () => {
  let pages = 0
  const found = await readWindow(async () => {
    pages++
    return { items: ['a', 'b'], next: 'again', total: 3 }
  }, same)
  expect(found).toEqual({ items: ['a', 'b'], isShort: true })
  expect(pages).toBe(4)
})
