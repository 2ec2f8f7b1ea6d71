import { expect, test } from 'vitest'
import { originFits } from './origin.ts'

const plain = { allowedOrigins: ['https://studio.example'] }
const behindName = { ...plain, publicUrl: 'https://live.example' }
const host = 'box.local:3000'

test.each([
  ['no browser', plain, { host }, true],
  ['own page', plain, { host, origin: 'http://box.local:3000' }, true],
  ['own page, no Origin', plain, { host, 'sec-fetch-site': 'same-origin' }, true],
  ['allowed page', plain, { host, origin: 'https://studio.example' }, true],
  ['public address', behindName, { host, origin: 'https://live.example' }, true],
  ['host instead of the public address', behindName, { host, origin: `http://${host}` }, false],
  ['foreign page', plain, { host, origin: 'https://evil.example' }, false],
  ['other port', plain, { host, origin: 'http://box.local:3001' }, false],
  ['sandboxed page', plain, { host, origin: 'null' }, false],
  ['cross-site, no Origin', plain, { host, 'sec-fetch-site': 'cross-site' }, false],
  ['same-site, no Origin', plain, { host, 'sec-fetch-site': 'same-site' }, false],
])('[ACCESS-3] origin: %s', (_, rules, headers, expected) => {
  expect(originFits(headers, rules)).toBe(expected)
})
