import { expect, test } from 'vitest'
import { createLog } from './log.ts'

test('[WEB-4] lines are JSON with a time, and fields named like secrets are redacted', () => {
  const lines: string[] = []
  const log = createLog({ level: 'info', stream: { write: (line) => lines.push(line) } })
  const secret = 'canary-5c1d'
  log.info(
    {
      token: secret,
      auth: { token: secret, key: secret },
      request: { headers: { authorization: secret, cookie: secret, 'x-api-key': secret } },
      response: { headers: { 'set-cookie': secret } },
      source: { webhook: { secret, password: secret } },
      count: 3,
    },
    'events written',
  )
  log.debug('not said')
  expect(lines).toHaveLength(1)
  expect(lines[0]).not.toContain(secret)
  const line: unknown = JSON.parse(lines[0] ?? '')
  expect(line).toMatchObject({ msg: 'events written', count: 3, time: expect.stringMatching(/Z$/) })
})
