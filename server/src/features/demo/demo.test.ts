import { readdirSync } from 'node:fs'
import { sql } from '@creatorflow/db/sql'
import { creatorId } from '@creatorflow/shared/features/creators'
import { isReservedId } from '@creatorflow/shared/reserved-ids'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { ask, startApp, type TestApp } from '../../../test/harness.ts'
import { bootstrapKey } from '../../identity/access/bootstrap.ts'
import { chapterEvents, pastChapters, presentChapter } from './story.ts'

describe.each(databases())('a demo LIVE on $name', (backend) => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp({ database: backend })
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  const owner = (method: string, path: string, body?: object) =>
    ask(app.port, method, path, app.owner, body && JSON.stringify(body))
  /** As one that was added before ids were reserved. */
  const addReal = (id: string) =>
    app.database.script(`
      insert into creators (id, name, time_zone, currency, locale, kind)
        values ('${id}', '${id}', 'UTC', 'USD', 'en', 'real');
      insert into counters (creator_id) values ('${id}') on conflict do nothing`)
  const pastLivesOf = async (id: string) => {
    const [row] = await app.database.query<{ n: number }>(
      sql`select count(*)::int as n from lives where creator_id = ${id} and ended_at is not null`,
    )
    return row?.n ?? 0
  }
  const eventsOf = async (id: string) => {
    const [row] = await app.database.query<{ n: number }>(
      sql`select count(*)::int as n from events where creator_id = ${id}`,
    )
    return row?.n ?? 0
  }

  test('[DEMO-1] real creators with demo ids keep every event and get none of a demo', async () => {
    for (const id of ['demo', 'demo-2']) {
      await addReal(id)
      await app.post([{ id: 'first', type: 'live_started', creator_id: id, session_id: 's' }])
    }
    const started = await Promise.all([
      owner('POST', '/api/v1/demo'),
      owner('POST', '/api/v1/demo'),
    ])
    expect(started.map(({ json }) => json.creator_id)).toEqual(['demo-3', 'demo-3'])
    expect((await owner('GET', '/api/v1/demo')).json).toMatchObject({ creator_id: 'demo-3' })
    await expect.poll(() => eventsOf('demo-3')).toBeGreaterThan(10)
    expect(await owner('DELETE', '/api/v1/demo')).toMatchObject({ status: 204 })
    expect(await owner('DELETE', '/api/v1/demo')).toMatchObject({ status: 204 })
    expect(await eventsOf('demo-3')).toBe(0)
    for (const id of ['demo', 'demo-2']) expect(await eventsOf(id)).toBe(1)
    const { creators } = (await owner('GET', '/api/v1/creators')).json
    expect(creators).toMatchObject([
      { id: 'demo', kind: 'real' },
      { id: 'demo-2', kind: 'real' },
    ])
    // The audit log tells of the demo alone, and of one deletion.
    const { entries } = (await owner('GET', '/api/v1/audit?action=creator.deleted')).json
    expect(entries).toMatchObject([{ creator_id: 'demo-3' }])
  })

  test('[DEMO-1] the LIVE before and what is usual are there whole once a new demo has opened', async () => {
    const { json } = await owner('POST', '/api/v1/demo')
    const baseline = await owner(
      'GET',
      `/api/v1/creators/${json.creator_id}/lives/${json.session_id}/baseline`,
    )
    const [before] = pastChapters
    expect(baseline.json.previous).toMatchObject({ length: (before?.minutes ?? 0) + 1 })
    expect(baseline.json.previous.totals.gmv.at(-1)).toBeGreaterThan(0)
    const lengths = pastChapters.slice(0, 3).map(({ minutes }) => minutes + 1)
    const { lives } = baseline.json.usual
    expect(lives.map((one: { length: number }) => one.length)).toEqual(lengths)
    await owner('DELETE', '/api/v1/demo')
  })

  test('[DEMO-1] a creator that only looks like a demo is not the demo', async () => {
    const own = {
      id: 'showroom',
      name: 'Showroom',
      time_zone: 'UTC',
      currency: 'USD',
      kind: 'demo',
    }
    expect(await owner('POST', '/api/v1/creators', own)).toMatchObject({ status: 201 })
    await owner('POST', '/api/v1/demo')
    await owner('DELETE', '/api/v1/demo')
    expect((await owner('GET', '/api/v1/creators')).text).toContain('showroom')
  })

  test('[DEMO-1] the past of a new demo asks for no recount', async () => {
    const { json } = await owner('POST', '/api/v1/demo')
    const askedFor = () =>
      app.database.query(sql`select reason from resettle where creator_id = ${json.creator_id}`)
    await expect
      .poll(() => pastLivesOf(json.creator_id), { timeout: 60_000, interval: 500 })
      .toBeGreaterThan(0)
    expect(await askedFor()).toEqual([])
    await owner('DELETE', '/api/v1/demo')
  })

  test('[DEMO-1] nobody is in two LIVEs of a demo, because the older one, stored later, would claim them', () => {
    const today = Date.UTC(2026, 11, 1, 15)
    const liveOf = new Map<string, string>()
    for (const chapter of [presentChapter, ...pastChapters]) {
      const demo = { id: 'demo', currency: 'USD', time_zone: 'UTC' }
      for (const { user_id, customer_id } of chapterEvents(chapter, today, demo)) {
        for (const id of [user_id, customer_id]) {
          if (id === undefined) continue
          expect(liveOf.get(id) ?? chapter.plot, id).toBe(chapter.plot)
          liveOf.set(id, chapter.plot)
        }
      }
    }
    expect(liveOf.size).toBeGreaterThan(100)
  })

  test('[WEB-3] no endpoint creates a creator with a reserved id; an existing one stays usable', async () => {
    const create = (id: string, kind = 'real') =>
      owner('POST', '/api/v1/creators', { id, name: id, time_zone: 'UTC', currency: 'USD', kind })
    for (const id of ['demo-7', 'settings', '__proto__', 'constructor', 'api', 'c', 'welcome']) {
      for (const kind of ['real', 'replay', 'demo']) {
        expect(await create(id, kind), id).toMatchObject({
          status: 400,
          json: { error: { details: { fields: [{ path: 'id' }] } } },
        })
      }
      await expect(bootstrapKey(app.database, { creator: id }), id).rejects.toThrow(/reserved/)
    }
    await addReal('settings')
    expect(await create('settings')).toMatchObject({ status: 409 })
    await expect(bootstrapKey(app.database, { creator: 'settings' })).resolves.toBeUndefined()
  })
})

test('[WEB-3] the address of every page and every property of an object is reserved', () => {
  const pages = readdirSync(new URL('../../../../client/src/routes', import.meta.url), {
    withFileTypes: true,
  }).filter((entry) => entry.isDirectory() && /^[a-z]/.test(entry.name))
  expect(pages.length).toBeGreaterThan(3)
  const inherited = Object.getOwnPropertyNames(Object.prototype)
  const ids = [...pages.map(({ name }) => name), ...inherited].filter(
    (id) => creatorId.safeParse(id).success,
  )
  expect(ids.filter((id) => !isReservedId(id))).toEqual([])
  expect(['demonstration', 'my-demo', 'demo-shop', 'demo-0', 'alice'].filter(isReservedId)).toEqual(
    [],
  )
})
