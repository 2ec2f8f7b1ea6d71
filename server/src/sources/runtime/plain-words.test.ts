import { expect, test } from 'vitest'
import { z } from 'zod'
import { plainWords, wordsOfIssues } from './plain-words.ts'

test.each([
  [
    'getaddrinfo ENOTFOUND www.tiktok.com',
    "This server couldn't find www.tiktok.com. Check its internet connection and DNS.",
  ],
  ['connect ECONNREFUSED 127.0.0.1:9', '127.0.0.1 refused the connection.'],
  ['connect ETIMEDOUT 10.1.2.3:443', "10.1.2.3 didn't respond in time."],
  ["Timeout awaiting 'request' for 10000ms", "The service didn't respond in time."],
  ['The operation was aborted due to timeout', "The service didn't respond in time."],
  ['read ECONNRESET', 'The service closed the connection.'],
  ['socket hang up', 'The service closed the connection.'],
  ['fetch failed', "The service couldn't be reached."],
  ['Unexpected server response: 502', 'The server returned status 502.'],
  ['Request failed with status code 403', 'The server returned status 403.'],
  [
    'unable to verify the first certificate',
    "The TLS certificate of the service couldn't be verified.",
  ],
  [
    "Cannot read properties of undefined (reading 'user')",
    "The service sent an answer that this server can't read.",
  ],
  [
    'Unexpected token < in JSON at position 0',
    "The service sent an answer that this server can't read.",
  ],
])('[SOURCE-3] %s is said in plain words', (detail, words) => {
  expect(plainWords(detail)).toBe(words)
})

test("[SOURCE-3] the same failure from several places is shown once, and the service's own words stay", () => {
  const host = 'getaddrinfo ENOTFOUND www.tiktok.com'
  expect(plainWords(`${host}; ${host}; the sign server does not know the room`)).toBe(
    `${plainWords(host)} the sign server does not know the room`,
  )
  const answer = '/order/202309/orders: HTTP 403, code 105005: no permission within timeout'
  expect(plainWords(answer)).toBe(answer)
})

test('[SOURCE-3] an invalid payload is described by field, without schema wording', () => {
  const form = z.object({ currency: z.string(), lines: z.array(z.object({ price: z.string() })) })
  const flaws = form.safeParse({ lines: [{ price: 7 }] }).error?.issues ?? []
  expect(wordsOfIssues(flaws)).toBe('currency: is missing; lines.0.price: has the wrong type')
  expect(wordsOfIssues(form.safeParse('x').error?.issues ?? [])).toBe(
    'The body: has the wrong type',
  )
})
