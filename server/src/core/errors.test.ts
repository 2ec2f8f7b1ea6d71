import { expect, test } from 'vitest'
import { z } from 'zod'
import { AppError, toFailure } from './errors.ts'
import { createLog, silentLog } from './log.ts'

test('[WEB-1] an intentional error is returned unchanged', () => {
  const error = new AppError('too_many', 'Slow down.', { details: { limit: 3 }, retryAfterMs: 500 })
  expect(toFailure(error, silentLog())).toEqual({
    code: 'too_many',
    message: 'Slow down.',
    details: { limit: 3 },
    retry_after_ms: 500,
  })
})

test('[WEB-1] invalid input is reported by field', () => {
  const { error } = z.object({ a: z.object({ b: z.int() }) }).safeParse({ a: { b: 'x' } })
  expect(toFailure(error, silentLog())).toEqual({
    code: 'invalid_input',
    message: 'The input is not valid.',
    details: {
      fields: [{ path: 'a.b', message: 'Invalid input: expected number, received string' }],
    },
  })
})

test.each(['ECONNREFUSED', '57P01', '08006', '53300'])(
  '[WEB-1] a lost database (%s) is unavailable and can be retried',
  (code) => {
    const failure = toFailure(
      Object.assign(new Error('connection to 10.1.2.3'), { code }),
      silentLog(),
    )
    expect(failure).toMatchObject({ code: 'unavailable', retry_after_ms: 1_000 })
    expect(JSON.stringify(failure)).not.toContain('10.1.2.3')
  },
)

test('[WEB-1] text that the database cannot hold is an input error', () => {
  const error = Object.assign(new Error('invalid byte sequence'), { code: '22021' })
  expect(toFailure(error, silentLog()).code).toBe('invalid_input')
})

test('[WEB-1] unexpected errors are logged with their cause and answered as bare internal', () => {
  const lines: string[] = []
  const log = createLog({ level: 'info', stream: { write: (line) => lines.push(line) } })
  const failure = toFailure(new Error('outer', { cause: new Error('the reason') }), log)
  expect(failure).toEqual({ code: 'internal', message: 'Something went wrong on the server.' })
  expect(lines.join('')).toContain('the reason')
  expect(toFailure('a text', log).code).toBe('internal')
})
