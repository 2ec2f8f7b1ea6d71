import { expect, test } from 'vitest'
import { createPasswordHasher } from './password-hash.ts'
import { refuseGuessable } from './password-strength.ts'

const about = { email: 'anna.lindqvist@example.com', name: 'Anna Lindqvist' }

test('[ACCESS-7] a password is stored as argon2id with its salt and cost, and only it matches', async () => {
  const { hash, verify } = createPasswordHasher()
  const [one, two] = [await hash('vier blaue Fahrraeder'), await hash('vier blaue Fahrraeder')]
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
  expect(one).not.toBe(two)
  expect(await verify('vier blaue Fahrraeder', one)).toBe(true)
  expect(await verify('vier blaue fahrraeder', one)).toBe(false)
  expect(await verify('', one)).toBe(false)
  // The same text in another Unicode form.
  expect(await verify('Gru\u0308ne Heuballen', await hash('Gr\u00fcne Heuballen'))).toBe(true)
})

test('[ACCESS-7] verifying an unknown user costs the same and never succeeds', async () => {
  const { verify } = createPasswordHasher()
  expect(await verify('vier blaue Fahrraeder', null)).toBe(false)
  expect(await verify('', null)).toBe(false)
})

test('[ACCESS-7] a few are hashed at once, some wait, and beyond that the answer is 503', async () => {
  const { verify } = createPasswordHasher()
  const asked = Array.from({ length: 110 }, () => verify('x', null))
  const settled = await Promise.allSettled(asked)
  const refused = settled.filter((result) => result.status === 'rejected')
  expect(refused).toHaveLength(6)
  expect(refused[0]?.reason).toMatchObject({ code: 'unavailable', retryAfterMs: 2_000 })
  expect(await verify('x', null)).toBe(false)
})

test.each([
  'password1234',
  'qwertyuiop12',
  'aaaaaaaaaaaaaaaa',
  'abcdefghijklmnop',
  'anna.lindqvist',
  'Lindqvist2026!',
  'anna.lindqvist@example.com',
])('[ACCESS-7] %s is easy to guess', async (password) => {
  await expect(refuseGuessable(password, about)).rejects.toMatchObject({
    code: 'invalid_input',
    details: { fields: [{ path: 'password' }] },
  })
})

test.each(['vier blaue Fahrraeder', 'k3Jd8s-qpz71', 'correct horse battery staple'])(
  '[ACCESS-7] %s is not',
  async (password) => {
    await refuseGuessable(password, about)
  },
)
