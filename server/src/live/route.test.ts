import { describe, expect, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { startApp } from '../../test/harness.ts'

const NOON = Date.UTC(2026, 9, 20, 12)

describe.each(databases())('LIVEs by REST on $name', (backend) => {
  test('[HTTP-20] pages through all LIVEs, the latest start first, also those that start together', async () => {
    await using app = await startApp({ database: backend })
    const { id, key } = await app.newCreator()
    const sessions = ['b ~ 1', 'a', 'c', 'ä~~', 'd']
    const starts = sessions.map((session_id, n) => ({
      id: `start ${n}`,
      type: 'live_started',
      session_id,
      ts: NOON + Math.floor(n / 2) * 86_400_000,
    }))
    await app.post(starts, { key })
    const read: string[] = []
    let cursor: string | null = null
    do {
      const from: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const { json } = await app.get(`/api/v1/creators/${id}/lives?limit=2${from}`, { key })
      read.push(...json.lives.map((live: { session_id: string }) => live.session_id))
      cursor = json.cursor
    } while (cursor !== null)
    expect(read).toHaveLength(sessions.length)
    expect(new Set(read)).toEqual(new Set(sessions))
    expect(read[0]).toBe('d')
  })

  test('[HTTP-20] a cursor that no answer gave, or an id that no text may be, is refused in words', async () => {
    await using app = await startApp({ database: backend })
    const { id, key } = await app.newCreator()
    const wrong = [
      '2026',
      '2',
      'x',
      '~',
      '2026-13-41T00:00:00.000Z~a',
      '2026-10-01T10:00:00.000Z',
      '',
    ]
    const withNul = '2026-10-01T10:00:00.000Z~a\0b'
    for (const cursor of [...wrong, withNul]) {
      const path = `/api/v1/creators/${id}/lives?cursor=${encodeURIComponent(cursor)}`
      expect(await app.get(path, { key }), cursor).toMatchObject({
        status: 400,
        json: { error: { code: 'invalid_input' } },
      })
    }
    expect(await app.get(`/api/v1/creators/${id}/lives/a%00b`, { key })).toMatchObject({
      status: 400,
    })
    expect(await app.get(`/api/v1/creators/${id}/lives/none`, { key })).toMatchObject({
      status: 404,
    })
  })
})
