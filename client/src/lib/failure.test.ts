import { describe, expect, it } from 'vitest'
import { failureWords, fieldErrors } from './failure.ts'

describe('failures', () => {
  it('[WEB-1] names the fields at fault', () => {
    const failure = {
      code: 'invalid_input',
      message: 'The input is not valid.',
      details: {
        fields: [
          { path: 'password', message: 'needs at least 12 characters' },
          { path: 'expires_at', message: 'is over' },
        ],
      },
    } as const
    expect(failureWords(failure)).toBe('Password needs at least 12 characters. Expires at is over.')
    expect(fieldErrors(failure)).toEqual({
      password: 'needs at least 12 characters',
      expires_at: 'is over',
    })
  })

  it('[WEB-1] says how long to wait', () => {
    const limited = (retry_after_ms: number) =>
      failureWords({
        code: 'rate_limited',
        message: 'Too many attempts: wait, then try again.',
        retry_after_ms,
      })
    expect(limited(400)).toBe('Too many attempts: wait, then try again (in 1 second).')
    expect(limited(42_100)).toBe('Too many attempts: wait, then try again (in 43 seconds).')
    expect(limited(890_000)).toBe('Too many attempts: wait, then try again (in 15 minutes).')
  })

  it.each([undefined, {}, { fields: 'all' }, { fields: [null, { path: 1 }] }])(
    '[WEB-1] passes other failures on unchanged: %j',
    (details) => {
      const failure = {
        code: 'invalid_input',
        message: 'No.',
        ...(details && { details }),
      } as const
      expect(failureWords(failure)).toBe('No.')
      expect(fieldErrors(failure)).toEqual({})
    },
  )
})
