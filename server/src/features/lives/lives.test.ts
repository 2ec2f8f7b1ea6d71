import { sql } from '@creatorflow/db/sql'
import { describe, expect, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { startApp } from '../../../test/harness.ts'

const NOON = Date.UTC(2026, 9, 20, 12)

describe.each(databases())('LIVEs by REST on $name', (backend) => {
  test('[WEB-3] pages through all LIVEs, latest start first, even those that start together', async () => {
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

  test('[COUNT-2] a LIVE without `live_ended` has the same end in the list, the overview, the baseline and the summary', async () => {
    await using app = await startApp({ database: backend })
    const { id, key } = await app.newCreator()
    const ended = NOON + 90 * 60_000
    const event = (type: string, ts: number, session_id: string) => ({
      id: `${type} ${ts}`,
      type,
      ts,
      session_id,
      ...(type === 'viewer_count' && { quantity: 5 }),
    })
    const next = NOON + 86_400_000
    const events = [
      event('live_started', NOON, 'over'),
      event('viewer_count', ended, 'over'),
      event('live_started', next, 'next'),
      event('live_ended', next + 60_000, 'next'),
    ]
    await app.post(events, { key })
    const read = async (path: string) =>
      (await app.get(`/api/v1/creators/${id}/${path}`, { key })).json
    const ofOver = ({ session_id }: { session_id: string }) => session_id === 'over'
    expect((await read('lives')).lives.find(ofOver).ended_at).toBe(new Date(ended).toISOString())
    expect((await read('overview')).lives.find(ofOver).ended_at).toBe(new Date(ended).toISOString())
    expect((await read('lives/over/summary')).live.ended_at).toBe(ended)
    expect((await read('lives/next/baseline')).previous.ended_at).toBe(
      new Date(ended).toISOString(),
    )
    // Also for one that just started and is still on.
    await app.post([event('live_started', Date.now(), 'on')], { key })
    expect((await read('lives')).lives[0].ended_at).toBeNull()
  })

  test('[P3][TOTAL-5] numbers written by a later release are 503 with the reason', async () => {
    await using app = await startApp({ database: backend })
    const { id, key } = await app.newCreator()
    const start = { id: 'start', type: 'live_started', session_id: 'a', ts: NOON }
    await app.post([start], { key })
    await app.database.query(sql`
      insert into events (creator_id, seq, ts, received_at, id, type, day, session_id, live_started_at, attribution)
      values (${id}, 2, ${new Date(NOON + 60_000).toISOString()}::timestamptz, now(), 'later', 'poll_answered',
        '2026-10-20', 'a', ${new Date(NOON).toISOString()}::timestamptz, 'session')`)
    await app.database.query(sql`update counters set seq = 2 where creator_id = ${id}`)
    for (const path of ['live', 'lives/a', 'lives/a/summary', 'lives/a/minutes.csv']) {
      const { status, json } = await app.get(`/api/v1/creators/${id}/${path}`, { key })
      expect([path, status, json.error.code]).toEqual([path, 503, 'update_needed'])
      expect(json.error.message).toMatch(/Update it/)
    }
  })

  test('[WEB-3] an invalid cursor or id is refused with the reason', async () => {
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
