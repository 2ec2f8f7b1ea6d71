import { expect, test } from 'vitest'
import { isUpdateMissing } from './missing-update.ts'

test('[SHOPIFY-4] an edit without its update becomes a problem after a while', () => {
  const at = 1_800_000_000_000
  const minutes = (n: number) => at + n * 60_000
  expect(isUpdateMissing(undefined, undefined, minutes(9))).toBe(false)
  expect(isUpdateMissing(at, undefined, minutes(1))).toBe(false)
  expect(isUpdateMissing(at, undefined, minutes(2))).toBe(true)
  expect(isUpdateMissing(at, minutes(-1), minutes(2))).toBe(false)
  expect(isUpdateMissing(at, minutes(-2), minutes(2))).toBe(true)
  expect(isUpdateMissing(at, minutes(1), minutes(9))).toBe(false)
})
