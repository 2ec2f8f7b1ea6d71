import { describe, expect, it } from 'vitest'
import { usageRows } from './calculate.ts'

const none = {
  events: 0,
  events_held: 0,
  requests: 0,
  requests_refused: 0,
  sockets: 0,
  sockets_refused: 0,
}
const at = '2026-11-20T12:00:00.000Z'
const limits = { events_per_s: 100, requests_per_s: 10, sockets: 50 }
const rows = (reply: Partial<Parameters<typeof usageRows>[0]>) =>
  usageRows({ at, limits, nodes: 1, minutes: [], day: none, ...reply }, String)

describe('usage', () => {
  it('[INGEST-10] shows the busiest minute of the hour against the limit of all nodes', () => {
    const minutes = [
      { ...none, at, events: 6_000, sockets: 20 },
      { ...none, at, events: 600, requests: 1_200 },
    ]
    expect(rows({ minutes, nodes: 2 })).toMatchObject([
      { name: 'Events sent to the API', most: 100, limit: 200, share: 0.5 },
      { name: 'Requests', most: 20, limit: 20, share: 1 },
      { name: 'Screens', most: 20, limit: 100, share: 0.2 },
    ])
  })

  it('[INGEST-10] no use and no limit have words of their own', () => {
    expect(rows({ nodes: 0 })[0]).toMatchObject({ most: 0, limit: 100, share: 0, refused: null })
    const unlimited = { events_per_s: null, requests_per_s: null, sockets: null }
    expect(rows({ limits: unlimited })[2]).toMatchObject({ limit: null, share: null })
  })

  it('[INGEST-10] delayed and refused requests are worded, singular and plural', () => {
    const day = { ...none, events: 7, events_held: 1, requests_refused: 2, sockets_refused: 1 }
    expect(rows({ day }).map(({ refused }) => refused)).toEqual([
      '1 request delayed',
      '2 refused',
      '1 refused',
    ])
  })
})
