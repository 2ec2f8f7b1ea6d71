import { expect, test } from 'vitest'
import { canAsk, createHiding } from './open-api.ts'

test('[ACCESS-13] secrets are removed from a text, even those granted later', () => {
  const hiding = createHiding({ app_key: 'public', app_secret: 'sesame', access_token: '' })
  expect(hiding.hide('public said sesame, sesame and granted')).toBe('public said …, … and granted')
  hiding.add({
    access_token: 'granted',
    access_token_expires_at: '1795000000000',
    auth_code: 'abc',
  })
  expect(hiding.hide('sesame granted 1795000000000 abc')).toBe('… … 1795000000000 abc')
})

test('[TTSHOP-5] the API can be called with an app and anything that yields a token', () => {
  const app = { app_key: 'k', app_secret: 's' }
  expect(canAsk({ ...app, access_token: 't' })).toBe(true)
  expect(canAsk({ ...app, refresh_token: 't' })).toBe(true)
  expect(canAsk({ ...app, auth_code: 'c' })).toBe(true)
  expect(canAsk(app)).toBe(false)
  expect(canAsk({ app_key: 'k', access_token: 't' })).toBe(false)
})
