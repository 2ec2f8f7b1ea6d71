import { expect, test } from 'vitest'
import { readAnswer } from './answer.ts'

const now = Date.UTC(2026, 10, 20, 12)

function answer(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return readAnswer({ status, headers: new Headers(headers), text }, now)
}

test.each([
  ['data', 200, { code: 0, data: { a: 1 } }, { kind: 'data', data: { a: 1 } }],
  ['429', 429, { code: 1 }, { kind: 'again', problem: 'rate_limited' }],
  ['too many by code', 200, { code: 36009002 }, { kind: 'again', problem: 'rate_limited' }],
  ['an error over there', 200, { code: 36009003 }, { kind: 'again', problem: 'api_unavailable' }],
  ['503', 503, { code: 0, data: {} }, { kind: 'again', problem: 'api_unavailable' }],
  ['a page of HTML', 200, '<html>', { kind: 'again', problem: 'api_unavailable' }],
  ['JSON of another form', 200, [1], { kind: 'again', problem: 'api_unavailable' }],
  ['an expired token', 401, { code: 105002 }, { kind: 'token' }],
  [
    'a token that is none',
    400,
    { code: 36009004, message: 'Invalid credentials. The `x-tts-access-token` header is invalid.' },
    { kind: 'token' },
  ],
  ['no permission', 403, { code: 105005, message: 'no scope' }, { kind: 'refused' }],
  ['a wrong signature', 401, { code: 106001 }, { kind: 'refused' }],
  ['0 as code of an error', 400, { code: 0 }, { kind: 'refused' }],
])('[TTSHOP-5] API answers: %s', (_, status, body, wanted) => {
  expect(answer(status, body)).toMatchObject(wanted)
})

test('[TTSHOP-5] Retry-After is seconds or a date', () => {
  expect(answer(429, {}, { 'retry-after': '7' })).toMatchObject({ afterMs: 7_000 })
  const date = new Date(now + 30_000).toUTCString()
  expect(answer(429, {}, { 'retry-after': date })).toMatchObject({ afterMs: 30_000 })
  expect(answer(429, {}, { 'retry-after': 'soon' })).not.toHaveProperty('afterMs')
})

test('[TTSHOP-5] a refused timestamp shows how far our clock is off, within a day', () => {
  const body = { code: 36009004, message: 'Invalid timestamp. The value must not be earlier …' }
  const date = (ms: number) => ({ date: new Date(now + ms).toUTCString() })
  expect(answer(400, body, date(600_000))).toMatchObject({ kind: 'clock', aheadMs: 600_000 })
  expect(answer(400, body, date(-600_000))).toMatchObject({ kind: 'clock', aheadMs: -600_000 })
  expect(answer(400, body, date(48 * 3_600_000))).toMatchObject({ kind: 'refused' })
  expect(answer(400, body)).toMatchObject({ kind: 'refused' })
})
