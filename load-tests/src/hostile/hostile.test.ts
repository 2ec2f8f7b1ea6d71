import { createRandom } from '@creatorflow/shared/simulator/random'
import { describe, expect, onTestFinished, test } from 'vitest'
import { scaled } from '../../../scripts/test/long-run.ts'
import { findServices } from '../environment.ts'
import { floodNames } from './floods.ts'
import { mutateBytes, mutateJson } from './mutate.ts'
import { type HostileResult, runHostile } from './run.ts'
import { faultsIn } from './verdict.ts'

/** Mutated requests, and as many frames; more by hand: `npm run hostile`. */
const COUNT = scaled(500, 1_500)

const embedded = { databaseUrl: undefined, redisUrl: undefined }

describe('hostile callers', () => {
  test('[REPO-5] a seed gives the same mutations, and each differs from its original', () => {
    const json = { id: 'a', list: [1, { b: 'c' }], properties: { x: null } }
    const made = (seed: number) => {
      const random = createRandom(seed)
      const bytes = Buffer.from(JSON.stringify(json))
      return Array.from({ length: 50 }, () => [
        mutateBytes(bytes, random).toString('hex'),
        JSON.stringify(mutateJson(json, random)),
      ])
    }
    expect(made(1)).toEqual(made(1))
    expect(made(1)).not.toEqual(made(2))
    const changed = made(3).filter(([, text]) => text !== JSON.stringify(json))
    expect(changed.length).toBeGreaterThan(45)
    // Names that every object inherits must stay ordinary keys.
    expect(Object.hasOwn(Object.prototype, 'isAdmin')).toBe(false)
  })

  test('[REPO-5] a stretch without healthy activity, or after which memory stays high, is a fault', () => {
    const quiet = { healthyP99Ms: 9, healthyFailed: 0 }
    const result: HostileResult = {
      on: 'embedded',
      seed: '1',
      http: { sent: 1, statuses: {}, unanswered: 0, wrong: [] },
      sockets: { frames: 1, connections: 1, ended: 0, refused: 0 },
      floods: [{ name: 'pings', connections: 3, ended: 3, bytes: 1, lastEndedMs: 5 }],
      internalFailures: 0,
      errors: [],
      exits: 0,
      stretches: [{ ...quiet, name: 'pings', healthyEvents: 10, grewMb: 50 }],
    }
    expect(faultsIn(result)).toEqual([])
    const stretches = [
      { ...quiet, name: 'pings', healthyEvents: 0, grewMb: 4 },
      { ...quiet, name: 'unread', healthyEvents: 90, grewMb: 51 },
    ]
    expect(faultsIn({ ...result, stretches })).toEqual([
      expect.stringContaining('pings: the healthy screen showed 0 events'),
      expect.stringContaining('unread: memory stayed 51 MB'),
    ])
    const open = [{ name: 'pings', connections: 3, ended: 2, bytes: 1, lastEndedMs: null }] as const
    expect(faultsIn({ ...result, floods: open })).toEqual(['pings: 1 connections were not closed.'])
    expect(faultsIn({ ...result, exits: 1 })).toHaveLength(1)
    expect(faultsIn({ ...result, errors: ['{"level":50}'] })).toHaveLength(1)
  })

  test('[P6][P7][REPO-5] mutated requests, frames and floods end no process, cause no internal failure, and disturb nobody', async () => {
    const services = findServices()
    const result = await runHostile({
      services: services.databaseUrl ? services : embedded,
      seed: 'test',
      requests: COUNT,
      frames: COUNT,
      connections: 3,
      quietMs: 1_000,
      // So that timeouts end soon.
      env: { REQUEST_TIMEOUT_MS: '3000', SOCKET_CUT_MS: '2000' },
    })
    onTestFinished(({ task }) => {
      if (task.result?.state === 'fail') console.log(JSON.stringify(result, null, 2))
    })
    expect(result).toMatchObject({ exits: 0, internalFailures: 0 })
    expect(result.http.wrong).toEqual([])
    expect(result.http.statuses['4xx']).toBeGreaterThan(COUNT / 3)
    expect(result.sockets.frames).toBeGreaterThanOrEqual(COUNT)
    for (const { name, connections, ended } of result.floods) {
      expect(ended, `${name}: every connection is ended`).toBe(connections)
    }
    expect(result.floods.map(({ name }) => name)).toEqual(floodNames)
    expect(faultsIn(result)).toEqual([])
  }, 300_000)
})
