import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { sentOf, type TestApp } from '../../../test/harness.ts'
import { logOf } from '../../../test/log-rows.ts'
import { createApiKey } from '../../identity/access/api-keys.ts'

const ndjson = 'application/x-ndjson'
const like = (id: string, more: object = {}) => ({ id, type: 'like', ...more })
const minutesFromNow = (minutes: number) => Date.now() + minutes * 60_000

/** What the ingest endpoint guarantees, on any database. */
export function ingestContract(app: () => TestApp) {
  test('[INGEST-2] a body is one event, an array or lines, each also gzipped', async () => {
    const { key, id } = await app().newCreator()
    const bodies = [
      { body: JSON.stringify(like('a')), type: 'application/json' },
      { body: JSON.stringify([like('b'), like('c')]), type: 'application/json; charset=utf-8' },
      { body: `${JSON.stringify(like('d'))}\n\n${JSON.stringify(like('e'))}`, type: ndjson },
      { body: `\uFEFF${JSON.stringify(like('f'))}\r\n`, type: 'application/ndjson' },
    ]
    for (const { body, type } of bodies) {
      const plain = await app().post(body, { key, type })
      expect(plain).toMatchObject({ status: 200, json: { duplicates: 0, rejected: [] } })
      expect(plain.json.accepted).toBeGreaterThan(0)
      const headers = { 'content-encoding': 'gzip' }
      const zipped = await app().post(gzipSync(body), { key, type, headers })
      expect(zipped).toMatchObject({ status: 200, json: { accepted: 0, rejected: [] } })
      expect(zipped.json.duplicates).toBe(plain.json.accepted)
    }
    expect((await logOf(app().database, id)).map((row) => row.id)).toEqual([...'abcdef'])
  })

  test('[P1][INGEST-1] accepted + duplicates + rejected = sent, each reject with index, code and reason', async () => {
    const { key } = await app().newCreator()
    const events = [like('1'), { id: '2' }, 7, like('1'), like('3', { extra: 1 }), like('4')]
    const { status, json } = await app().post(events, { key })
    expect(status).toBe(200)
    expect(json).toMatchObject({
      accepted: 2,
      duplicates: 1,
      conflicts: [],
      rejected: [
        { index: 1, code: 'invalid_event', message: expect.stringContaining('type') },
        { index: 2, code: 'invalid_event', message: expect.stringContaining('object') },
        { index: 4, code: 'invalid_event', message: expect.stringContaining('extra') },
      ],
    })
    expect(sentOf(json)).toBe(events.length)
    const again = await app().post([null, []], { key })
    expect(again).toMatchObject({ status: 200, json: { accepted: 0 } })
    expect(again.json.rejected).toHaveLength(2)
  })

  test('[P2] the same id counts once: within a request, across requests, whatever its time', async () => {
    const { key, id } = await app().newCreator()
    const first = like('same', { quantity: 3 })
    const one = await app().post([first, first, { ...first, ts: minutesFromNow(-60) }], { key })
    expect(one.json).toMatchObject({
      accepted: 1,
      duplicates: 2,
      conflicts: [{ index: 2, id: 'same' }],
    })
    const two = await app().post([{ quantity: 3, type: 'like', id: 'same' }, like('other')], {
      key,
    })
    expect(two.json).toMatchObject({ accepted: 1, duplicates: 1, conflicts: [] })
    const three = await app().post(like('same', { quantity: 4, ts: Date.now() }), {
      key,
      query: '?lane=history',
    })
    expect(three.json).toMatchObject({ duplicates: 1, conflicts: [{ index: 0, id: 'same' }] })
    const rows = await logOf(app().database, id)
    expect(rows.map((row) => [row.id, row.units])).toEqual([
      ['same', 3],
      ['other', 1],
    ])
  })

  test('[P2] ids of two creators are independent', async () => {
    const [one, two] = [await app().newCreator(), await app().newCreator()]
    const { json } = await app().post(
      [like('x', { creator_id: one.id }), like('x', { creator_id: two.id, quantity: 2 })],
      { key: app().masterKey },
    )
    expect(json).toMatchObject({ accepted: 2, duplicates: 0, conflicts: [] })
  })

  test('[INGEST-5] the creator comes from the event, else from the key', async () => {
    const [mine, other] = [await app().newCreator(), await app().newCreator()]
    const ofKey = await app().post(
      [
        like('a'),
        like('b', { creator_id: mine.id }),
        like('c', { creator_id: other.id }),
        like('d', { creator_id: 'constructor' }),
        like('e', { creator_id: 'nobody' }),
      ],
      { key: mine.key },
    )
    expect(ofKey.json.accepted).toBe(2)
    expect(codesOf(ofKey)).toEqual([
      '2 creator_forbidden',
      '3 invalid_event',
      '4 creator_forbidden',
    ])
    const ofNone = await app().post([like('a'), like('b', { creator_id: 'nobody' })])
    expect(codesOf(ofNone)).toEqual(['0 creator_required', '1 creator_unknown'])
    expect(ofNone.json.rejected[1].message).toContain('nobody')
    expect(await logOf(app().database, other.id)).toEqual([])
  })

  test('[EVENT-1] an unknown type is rejected by name, with the nearest known one', async () => {
    const { key } = await app().newCreator()
    const types = ['payment_complete', 'LIKE', '__proto__', 'toString', '\u0000', 'x'.repeat(9_000)]
    const { json } = await app().post(
      types.map((type, i) => ({ id: `${i}`, type })),
      { key },
    )
    expect(codesOf({ json })).toEqual(types.map((_, i) => `${i} unknown_type`))
    expect(json.rejected[0].message).toContain('"payment_complete"')
    expect(json.rejected[0].message).toContain('"payment_completed"')
    expect(json.rejected[1].message).toContain('"like"')
    for (const { message } of json.rejected) expect(message.length).toBeLessThan(200)
  })

  test('[EVENT-3] times are at most 10 min ahead and not before 2016; seconds get a hint', async () => {
    const { key, id } = await app().newCreator()
    const seconds = Math.floor(Date.now() / 1000)
    const times = [
      minutesFromNow(9),
      '2016-01-01T00:00:00Z',
      '2026-03-01T12:00:00.5+05:30',
      undefined,
      minutesFromNow(11),
      '2099-01-01T00:00:00Z',
      '2015-12-31T23:59:59Z',
      seconds,
      Number.MAX_SAFE_INTEGER,
      '2026-02-30T00:00:00Z',
      '2026-03-01T12:00:00',
      'yesterday',
      1.5,
    ]
    const before = Date.now()
    const { json } = await app().post(
      times.map((ts, i) => like(`${i}`, { ts })),
      { key },
    )
    expect(json.accepted).toBe(4)
    expect(codesOf({ json })).toEqual([
      '4 ts_future',
      '5 ts_future',
      '6 ts_too_old',
      '7 ts_too_old',
      '8 ts_future',
      ...[9, 10, 11, 12].map((i) => `${i} invalid_event`),
    ])
    expect(json.rejected[3].message).toMatch(/seconds/)
    const stored = (await logOf(app().database, id)).map((row) => row.ts)
    expect(stored.slice(1, 3)).toEqual([Date.UTC(2016, 0, 1), Date.UTC(2026, 2, 1, 6, 30, 0, 500)])
    expect(Math.abs((stored[3] ?? 0) - before)).toBeLessThan(60_000)
  })

  test('[INGEST-5] without a key 401, with a wrong one 401, with one that may not write 403', async () => {
    const { key, id } = await app().newCreator()
    const sent = { headers: { 'x-forwarded-for': '203.0.113.7' } }
    const missing = await app().post(like('a'), { ...sent, key: '' })
    expect(missing.status).toBe(401)
    for (const wrong of ['nonsense', `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`]) {
      const reply = await app().post(like('a'), { ...sent, key: wrong })
      expect(reply).toMatchObject({ status: 401, json: { error: { code: 'unauthorized' } } })
      expect(reply.headers['www-authenticate']).toBe('Bearer')
    }
    const readOnly = await createApiKey(app().database, {
      name: 'screen',
      creatorId: id,
      scopes: ['read'],
    })
    expect((await app().post(like('a'), { key: readOnly.key })).status).toBe(403)
    expect(await logOf(app().database, id)).toEqual([])
  })

  test('[INGEST-6] the lane is live or history, and nothing else', async () => {
    const { key } = await app().newCreator()
    const post = (query: string) =>
      app().post(like('a', { ts: minutesFromNow(-5) }), { key, query })
    expect((await post('?lane=history')).json.accepted).toBe(1)
    expect((await post('?lane=live')).json.duplicates).toBe(1)
    expect(await post('?lane=fast')).toMatchObject({ status: 400 })
    expect(await post('?lane=live&lane=history')).toMatchObject({ status: 400 })
  })

  test('[INGEST-6] the history lane rejects an event without a time, because it did not happen just now', async () => {
    const { key, id } = await app().newCreator()
    const sale = { id: 'a', type: 'payment_completed', amount: 700 }
    const events = [sale, { ...sale, id: 'b', ts: '2026-03-01T18:30:00Z' }]
    const { status, json } = await app().post(events, { key, query: '?lane=history' })
    expect(status).toBe(200)
    expect(json).toMatchObject({
      accepted: 1,
      rejected: [{ index: 0, code: 'invalid_event', message: 'ts: is required with lane=history' }],
    })
    expect((await logOf(app().database, id)).map((row) => row.id)).toEqual(['b'])
    expect((await app().post(sale, { key, query: '?lane=live' })).json.accepted).toBe(1)
  })

  test('[INGEST-1] the account lists duplicates on request', async () => {
    const { key } = await app().newCreator()
    const send = (query: string) => app().post([like('a'), like('b'), like('a')], { key, query })
    expect((await send('?list=duplicates')).json).toMatchObject({ duplicate_indexes: [2] })
    expect((await send('?list=duplicates')).json.duplicate_indexes.sort()).toEqual([0, 1, 2])
    expect((await send('')).json).not.toHaveProperty('duplicate_indexes')
    expect(await send('?list=all')).toMatchObject({ status: 400 })
  })
}

function codesOf({ json }: { json: { rejected: { index: number; code: string }[] } }): string[] {
  return json.rejected.map(({ index, code }) => `${index} ${code}`)
}
