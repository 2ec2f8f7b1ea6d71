import { expect, test } from 'vitest'
import { refusalOf, watchSigning } from './signing.ts'

const reply = (status: number, words: unknown = {}, headers: object = {}) => ({
  status,
  headers,
  data: Buffer.from(JSON.stringify(words)),
})
const refused = (...given: Parameters<typeof reply>) => {
  const refusal = refusalOf(reply(...given), 'key-1')
  return refusal && [refusal.problem, refusal.message, refusal.retryAfterMs]
}

test('[TIKTOK-2] a sign server answer becomes a problem that says what to do', () => {
  expect(refused(200)).toBeUndefined()
  for (const status of [401, 402, 403]) {
    expect(refused(status)).toEqual(['payment_required', String(status), undefined])
  }
  expect(refused(500, { message: 'broken' })).toEqual(['sign_server', '500: broken', undefined])
  expect(refused(404, 'words that are no object')).toEqual(['sign_server', '404', undefined])
  expect(refusalOf({ status: 502, headers: {}, data: '<html>' }, undefined)?.message).toBe('502')
})

test('[TIKTOK-2] a rate limit gives the time to wait, if the answer has it', () => {
  expect(refused(429, {}, { 'retry-after': '7' })).toEqual(['rate_limited', '429', 7_000])
  for (const word of ['0', '-1', 'Mon, 30 Nov 2026 12:00:00 GMT', undefined]) {
    expect(refused(429, {}, { 'retry-after': word })?.[2]).toBeUndefined()
  }
})

test('[TIKTOK-2] the key is in no message, and messages are short', () => {
  expect(refused(403, { message: 'key-1 is not key-1' })?.[1]).toBe('403: … is not …')
  expect(String(refused(403, { message: 'x'.repeat(999) })?.[1])).toHaveLength(300)
})

test('[TIKTOK-2] the last answer of the sign server is remembered and passed on unchanged', async () => {
  const answers = [reply(429), reply(200)]
  const sign = { rooms: { fetchWebcastURL: async (_room: string) => answers.shift() } }
  const refusal = watchSigning(sign, undefined)
  expect(refusal()).toBeUndefined()
  expect(await sign.rooms.fetchWebcastURL('1')).toMatchObject({ status: 429 })
  expect(refusal()?.problem).toBe('rate_limited')
  await sign.rooms.fetchWebcastURL('1')
  expect(refusal()).toBeUndefined()
})
