import { expect, test } from 'vitest'
import { hashSecret, mintApiKey, parseApiKey, secretMatches } from './api-key-form.ts'

test('[ACCESS-4] a new key has the right format, an id, and a secret of 256 bits', () => {
  const { key, id, secret } = mintApiKey()
  expect(key).toMatch(/^cf_live_[a-z0-9]{8}_[A-Za-z0-9_-]{43}$/)
  expect(parseApiKey(key)).toEqual({ id, secret })
  expect(mintApiKey().key).not.toBe(key)
})

test.each([
  '',
  'cf_live_',
  `cf_test_demo0001_${'a'.repeat(43)}`,
  `cf_live_demo001_${'a'.repeat(43)}`,
  `cf_live_demo0001_${'a'.repeat(42)}`,
  `cf_live_demo0001_${'a'.repeat(44)}`,
  `cf_live_demo0001_${'a'.repeat(42)}+`,
  ` cf_live_demo0001_${'a'.repeat(43)}`,
  `cf_live_demo0001_${'a'.repeat(43)}\n`,
])('[ACCESS-4] %j is not a key', (text) => {
  expect(parseApiKey(text)).toBeNull()
})

test('[ACCESS-4] a secret matches only its own hash', () => {
  const { secret } = mintApiKey()
  expect(secretMatches(secret, hashSecret(secret))).toBe(true)
  expect(secretMatches(mintApiKey().secret, hashSecret(secret))).toBe(false)
  expect(secretMatches(secret, '')).toBe(false)
})
