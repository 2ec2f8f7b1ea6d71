import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { ask, startApp, type TestApp, type TestCreator } from '../../../test/harness.ts'
import { newUser } from '../../../test/people.ts'

describe.each(databases())('goals on $name', (database) => {
  let app: TestApp
  let creator: TestCreator
  beforeAll(async () => {
    // Otherwise the local owner would be signed in.
    app = await startApp({ database, env: { HOST: '0.0.0.0' } })
    creator = await app.newCreator()
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  const path = (id = creator.id, session?: string) =>
    `/api/v1/creators/${id}/goal${session === undefined ? '' : `?session_id=${session}`}`
  const get = (session?: string) => app.get(path(creator.id, session), creator)
  const send = (method: 'POST' | 'DELETE', address: string, body?: object) =>
    ask(app.port, method, address, app.owner, body && JSON.stringify(body))
  const set = (body: object) => send('POST', path(), body)

  test("[COMPARE-5] a LIVE has its own goal, else the creator's, else none", async () => {
    expect(await get('a')).toMatchObject({ status: 200, json: { goal: null } })
    const every = await set({ metric: 'gmv', target: 1_200_000 })
    expect(every.json.goal).toEqual({
      id: expect.any(String),
      session_id: null,
      metric: 'gmv',
      target: 1_200_000,
      planned_minutes: null,
    })
    const own = await set({
      session_id: 'a',
      metric: 'main_orders',
      target: 50,
      planned_minutes: 90,
    })
    expect(own.json.goal).toMatchObject({ session_id: 'a', target: 50, planned_minutes: 90 })
    expect((await get('a')).json).toEqual(own.json)
    expect((await get('b')).json).toEqual(every.json)
    expect((await get()).json).toEqual(every.json)
    expect(await send('DELETE', path(creator.id, 'a'))).toMatchObject({ status: 204 })
    expect((await get('a')).json).toEqual(every.json)
    expect(await send('DELETE', path())).toMatchObject({ status: 204 })
    expect(await send('DELETE', path())).toMatchObject({ status: 204 })
    expect((await get('a')).json).toEqual({ goal: null })
  })

  test('[COMPARE-5] there is one goal; a new target makes a new goal, a new plan does not', async () => {
    const first = (await set({ metric: 'viewers', target: 500 })).json.goal
    const planned = (await set({ metric: 'viewers', target: 500, planned_minutes: 60 })).json.goal
    expect(planned).toEqual({ ...first, planned_minutes: 60 })
    const more = (await set({ metric: 'viewers', target: 600 })).json.goal
    expect(more.id).not.toBe(first.id)
    expect((await get()).json.goal).toEqual(more)
  })

  test.each([
    { metric: 'gmv', target: 0 },
    { metric: 'gmv', target: 1.5 },
    { metric: 'aov', target: 5 },
    { metric: 'gmv', target: 5, planned_minutes: 1_441 },
    { metric: 'gmv' },
  ])('[COMPARE-5] %j is not a goal', async (body) => {
    expect(await set(body)).toMatchObject({ status: 400 })
  })

  test('[COMPARE-5][P5] readers see the goal, operators set it, nobody touches another creator’s', async () => {
    const other = await app.newCreator()
    await send('POST', path(other.id), { metric: 'gmv', target: 77 })
    expect((await app.get(path(other.id), creator)).status).toBe(403)
    expect((await get('x')).json.goal?.target).not.toBe(77)
    const body = JSON.stringify({ metric: 'gmv', target: 5 })
    for (const [role, status] of [
      ['viewer', 403],
      ['operator', 200],
    ] as const) {
      const roles = [{ creatorId: creator.id, role }]
      const { cookie } = await newUser(app.database, { roles })
      const headers = { cookie, 'content-type': 'application/json', origin: app.url }
      const reply = await ask(app.port, 'POST', path(), headers, body)
      expect(reply.status, role).toBe(status)
      const read = await ask(app.port, 'GET', path(), headers)
      expect(read.status, role).toBe(200)
    }
  })
})
