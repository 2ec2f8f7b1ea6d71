import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isSigned, signatureOf } from './signature.ts'

const body = Buffer.from('{"id":820982911946154508,"currency":"JPY"}\n')
const secret = 'hush-hush'
// By openssl: dgst -sha256 -hmac hush-hush -binary, in base64.
const byOpenssl = 'm3LDDDHDn719A2ichC+zs5BCp95WXoNWl6KRvc3dBbA='

test('[SHOPIFY-1] a signature is the base64 of HMAC-SHA256 over the raw bytes', () => {
  expect(signatureOf(body, secret)).toBe(byOpenssl)
  expect(isSigned(body, byOpenssl, secret)).toBe(true)
})

test('[SHOPIFY-1] other bytes, another secret and another signature are invalid', () => {
  expect(isSigned(Buffer.from(body.toString().trim()), byOpenssl, secret)).toBe(false)
  expect(isSigned(body, byOpenssl, 'hush')).toBe(false)
  expect(isSigned(body, Buffer.from(byOpenssl, 'base64').toString('hex'), secret)).toBe(false)
  for (const none of [undefined, '', ' ']) expect(isSigned(body, none, secret)).toBe(false)
  for (const none of [undefined, '']) {
    expect(isSigned(body, signatureOf(body, ''), none)).toBe(false)
  }
})

test('[SHOPIFY-1] one changed bit anywhere breaks it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), (bytes, at) => {
      const changed = Uint8Array.from(bytes)
      const index = at % bytes.length
      changed[index] = (bytes[index] ?? 0) ^ 1
      const signature = signatureOf(bytes, secret)
      expect(isSigned(bytes, signature, secret)).toBe(true)
      expect(isSigned(changed, signature, secret)).toBe(false)
    }),
  )
})
