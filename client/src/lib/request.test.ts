import type { me } from '@creatorflow/shared/features/access'
import type { listCreators } from '@creatorflow/shared/features/creators'
import type { namePeople } from '@creatorflow/shared/features/crowd'
import type { getGoal, setGoal } from '@creatorflow/shared/features/goals'
import { describe, expect, it } from 'vitest'
import { request } from './request.ts'

const goalAt = 'GET /api/v1/creators/:creator_id/goal'

describe('requests', () => {
  it('[REPO-2] are an endpoint with parameters and query filled in', () => {
    expect(request<typeof me>('GET /api/v1/me')).toEqual({ method: 'GET', path: '/api/v1/me' })
    expect(
      request<typeof getGoal>(goalAt, {
        params: { creator_id: 'a/b' },
        query: { session_id: 'x & y' },
      }).path,
    ).toBe('/api/v1/creators/a%2Fb/goal?session_id=x+%26+y')
    expect(
      request<typeof listCreators>('GET /api/v1/creators', { query: { cursor: undefined } }).path,
    ).toBe('/api/v1/creators')
    expect(
      request<typeof namePeople>('GET /api/v1/creators/:creator_id/people', {
        params: { creator_id: 'a' },
        query: { ids: ['x', 'y'] },
      }).path,
    ).toBe('/api/v1/creators/a/people?ids=x&ids=y')
    const body = { session_id: null, metric: 'gmv', target: 5 } as const
    expect(
      request<typeof setGoal>('POST /api/v1/creators/:creator_id/goal', {
        params: { creator_id: 'a' },
        body,
      }),
    ).toEqual({ method: 'POST', path: '/api/v1/creators/a/goal', body })
  })

  it('[REPO-2] do not compile if method, path, parameters or query match no endpoint', () => {
    const params = { creator_id: 'a' }
    const calls = [
      // @ts-expect-error another path
      () => request<typeof getGoal>('GET /api/v1/creators/:creator_id/goals', { params }),
      // @ts-expect-error another method
      () => request<typeof getGoal>('POST /api/v1/creators/:creator_id/goal', { params }),
      // @ts-expect-error a parameter is missing
      () => request<typeof getGoal>(goalAt, { params: {} }),
      // @ts-expect-error all parameters are missing
      () => request<typeof getGoal>(goalAt),
      // @ts-expect-error a query that the endpoint does not know
      () => request<typeof getGoal>(goalAt, { params, query: { live: 'x' } }),
      // @ts-expect-error the body is missing
      () => request<typeof setGoal>('POST /api/v1/creators/:creator_id/goal', { params }),
    ]
    expect(calls).toHaveLength(6)
  })

  it("[REPO-2] no page spells an endpoint's address itself", () => {
    const sources = import.meta.glob<string>(['/src/**/*.{svelte,ts}', '!/src/**/*.test.ts'], {
      query: '?raw',
      import: 'default',
      eager: true,
    })
    const places = Object.entries(sources).flatMap(([path, text]) =>
      /(?<!(GET|POST|PATCH|DELETE) )\/api\/v1\//.test(text) ? [path.replace('/src/lib/', '')] : [],
    )
    // Ingest reads streams, so it is not in the endpoint table; the others show a terminal command.
    expect(places.sort()).toEqual([
      'features/api-keys/calculate.ts',
      'send-event.ts',
      'start/first-events.ts',
    ])
  })
})
