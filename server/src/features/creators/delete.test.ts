import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { ask, startApp, type TestApp } from '../../../test/harness.ts'

describe.each(databases())('exporting and deleting a creator on $name', (backend) => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp({ database: backend })
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  const call = (method: string, path: string) =>
    ask(app.port, method, `/api/v1/creators/${path}`, app.owner)
  const summaryOf = async (id: string, key: string) =>
    (await app.get(`/api/v1/creators/${id}/lives/evening`, { key })).json.live

  test('[PRIVACY-4] an export imported into another creator gives the same LIVE, words and names included', async () => {
    const first = await app.newCreator({ timeZone: 'Europe/Berlin' })
    const second = await app.newCreator({ timeZone: 'Europe/Berlin' })
    const { events } = simulateLive({
      seed: 'export',
      sessionId: 'evening',
      startAt: Date.UTC(2026, 9, 20, 18),
      durationMs: 10 * 60_000,
      rate: 0.3,
      currency: 'USD',
      timeZone: 'Europe/Berlin',
    })
    const past = events.filter(({ ts }) => ts < Date.now())
    expect((await app.post(past, { key: first.key })).json).toMatchObject({ rejected: [] })
    const { text, headers } = await call('GET', `${first.id}/export`)
    expect(headers['content-disposition']).toContain(`${first.id}.ndjson`)
    const lines = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
    expect(lines).toHaveLength(past.length)
    expect(lines.find(({ type }) => type === 'comment').properties.text).toBeTruthy()
    expect(lines.some(({ user }) => user?.name)).toBe(true)
    expect(text).not.toContain(first.id)

    const type = 'application/x-ndjson'
    const { json } = await app.post(text, { key: second.key, type })
    expect(json).toMatchObject({ accepted: past.length, rejected: [] })
    const [before, after] = await Promise.all([
      summaryOf(first.id, first.key),
      summaryOf(second.id, second.key),
    ])
    expect(after.totals).toEqual(before.totals)
  })

  test('[PRIVACY-4] deleting asks for the id again, then takes data, keys and sources away', async () => {
    const { id, key } = await app.newCreator()
    const other = await app.newCreator()
    await app.post([{ id: 'a', type: 'live_started', session_id: 'evening' }], { key })
    await ask(
      app.port,
      'POST',
      `/api/v1/creators/${id}/sources`,
      app.owner,
      JSON.stringify({ kind: 'tiktok_live', handle: 'mira' }),
    )
    for (const query of ['', '?confirm=', `?confirm=${other.id}`]) {
      expect((await call('DELETE', id + query)).status).toBe(400)
    }
    expect((await app.get(`/api/v1/creators/${id}/lives`, { key })).status).toBe(200)
    expect((await call('DELETE', `${id}?confirm=${id}`)).status).toBe(204)
    expect((await call('DELETE', `${id}?confirm=${id}`)).status).toBe(404)
    expect((await app.get(`/api/v1/creators/${id}/lives`, { key })).status).toBe(401)
    const listed = (await ask(app.port, 'GET', '/api/v1/creators', app.owner)).json.creators
    const ids = listed.map((one: { id: string }) => one.id)
    expect(ids).toContain(other.id)
    expect(ids).not.toContain(id)
    const audit = await ask(app.port, 'GET', '/api/v1/audit?action=creator.deleted', app.owner)
    expect(audit.json.entries).toMatchObject([{ creator_id: id, details: { name: id } }])
  })

  test('[PRIVACY-4] the demo is ended, not deleted', async () => {
    const { json } = await ask(app.port, 'POST', '/api/v1/demo', app.owner, '{}')
    const reply = await call('DELETE', `${json.creator_id}?confirm=${json.creator_id}`)
    expect(reply).toMatchObject({ status: 409 })
    await ask(app.port, 'DELETE', '/api/v1/demo', app.owner)
  })
})
