import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { ask, startApp, type TestApp } from '../../../test/harness.ts'

describe.each(databases())('finding a person on $name', (backend) => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp({ database: backend })
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  const find = async (creatorId: string, q: string) => {
    const path = `/api/v1/creators/${creatorId}/people-search?q=${encodeURIComponent(q)}`
    const { status, json } = await ask(app.port, 'GET', path, app.owner)
    return status === 200 ? json.people.map((one: { user_id: string }) => one.user_id) : status
  }

  test('[PRIVACY-3] by part of a handle or name, with or without @, best match first, in any script', async () => {
    const { id, key } = await app.newCreator()
    const other = await app.newCreator()
    const seen = (user_id: string, user: object) => ({
      id: `${user_id} follows`,
      type: 'follow',
      user_id,
      user,
    })
    const people = [
      seen('7310000000000000001', { handle: 'noor.aziz', name: 'Noor Aziz' }),
      seen('7310000000000000002', { handle: 'its.noor', name: 'N. A.' }),
      seen('7310000000000000003', { handle: 'noor', name: 'Somebody' }),
      seen('7310000000000000004', { handle: 'hundred_percent', name: '100% wool' }),
      seen('7310000000000000005', { handle: 'x.y', name: '小红的店' }),
    ]
    expect((await app.post(people, { key })).json).toMatchObject({ rejected: [] })
    await app.post([seen('foreign', { handle: 'noor.foreign' })], { key: other.key })

    const noors = ['7310000000000000003', '7310000000000000001', '7310000000000000002']
    expect(await find(id, '@Noor')).toEqual(noors)
    expect(await find(id, 'aziz')).toEqual(noors.slice(1, 2))
    expect(await find(id, '小红')).toEqual(['7310000000000000005'])
    expect(await find(id, '7310000000000000004')).toEqual(['7310000000000000004'])
    // Signs of a pattern are letters like any other.
    expect(await find(id, '0%')).toEqual(['7310000000000000004'])
    expect(await find(id, 'd_p')).toEqual(['7310000000000000004'])
    expect(await find(id, 'n_o')).toEqual([])
    expect(await find(id, 'n')).toBe(400)
  })
})
