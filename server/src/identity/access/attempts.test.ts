import { describe, expect, onTestFinished, test } from 'vitest'
import { createRedisServer, redisServerInstalled } from '../../bus/test/redis-server.ts'
import { createAttempts, openAttemptsRedis } from './attempts.ts'

const limits = {
  signInAttemptsPerAccount: 3,
  signInAttemptsPerAddress: 5,
  resetsPerAccount: 1,
  attemptWindowS: 60,
  invitationsPerInviter: 1,
  invitationsPerAddress: 1,
  invitationWindowS: 60,
}
const limited = { code: 'rate_limited' }

test('[ACCESS-7] accounts and addresses count separately, and correct attempts are given back', async () => {
  const { spend } = createAttempts(limits)
  for (let n = 0; n < 3; n++) await spend('sign_in', { address: `192.0.2.${n}`, account: 'mira' })
  await expect(spend('sign_in', { address: '192.0.2.9', account: 'mira' })).rejects.toMatchObject(
    limited,
  )
  await spend('reset', { address: '192.0.2.9', account: 'mira' })
  await expect(spend('reset', { address: '192.0.2.9', account: 'mira' })).rejects.toMatchObject(
    limited,
  )
  for (let n = 0; n < 20; n++) {
    const giveBack = await spend('sign_in', { address: '192.0.2.50', account: 'anna' })
    await giveBack()
  }
})

describe.skipIf(!redisServerInstalled())('with Redis', () => {
  test('[ACCESS-7] nodes count together, and each alone while Redis is away', async () => {
    const server = await createRedisServer()
    onTestFinished(() => server[Symbol.asyncDispose]())
    await server.start()
    using one = openAttemptsRedis(server.url, 'here')
    using two = openAttemptsRedis(server.url, 'here')
    const ready = () => [one, two].every(({ redis }) => redis.status === 'ready')
    await expect.poll(ready).toBe(true)
    const [here, there] = [one, two].map(({ redis }) => createAttempts(limits, redis))
    const from = { address: '192.0.2.1', account: 'mira' }
    for (const node of [here, there, here]) await node?.spend('sign_in', from)
    await expect(there?.spend('sign_in', from)).rejects.toMatchObject(limited)
    await expect(here?.spend('sign_in', from)).rejects.toMatchObject(limited)
    using apart = openAttemptsRedis(server.url, 'elsewhere')
    await expect.poll(() => apart.redis.status).toBe('ready')
    // [NODE-5] The same address and account at another installation.
    await createAttempts(limits, apart.redis).spend('sign_in', from)

    await server.kill()
    const other = { address: '192.0.2.2', account: 'anna' }
    for (let n = 0; n < 3; n++) await there?.spend('sign_in', other)
    await expect(there?.spend('sign_in', other)).rejects.toMatchObject(limited)
    await here?.spend('sign_in', other)
  })
})
