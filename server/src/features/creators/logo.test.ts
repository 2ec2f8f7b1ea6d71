import { sql } from '@creatorflow/db/sql'
import { setLogo } from '@creatorflow/shared/features/creators'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { ask, startApp, type TestApp } from '../../../test/harness.ts'

const pixel = setLogo.example.body.image

describe.each(databases())('the logo of a creator on $name', (backend) => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp({
      database: backend,
      env: { MAX_LOGO_BYTES: '5000', MAX_LOGO_PIXELS: '64' },
    })
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  const call = (method: string, path: string, body?: object) =>
    ask(app.port, method, `/api/v1/creators/${path}`, app.owner, body && JSON.stringify(body))
  const logoOf = async (id: string) => {
    const { json } = await ask(app.port, 'GET', '/api/v1/creators', app.owner)
    return json.creators.find((one: { id: string }) => one.id === id).logo
  }

  test('[WEB-3] it is set, shown by its version, served as nothing but an image, and removed', async () => {
    const { id } = await app.newCreator()
    expect(await logoOf(id)).toBeNull()
    expect((await call('GET', `${id}/logo`)).status).toBe(404)
    const { status, json } = await call('POST', `${id}/logo`, { image: pixel })
    expect(status).toBe(200)
    expect(await logoOf(id)).toBe(json.logo)
    const shown = await call('GET', `${id}/logo?v=${json.logo}`)
    expect(shown.headers).toMatchObject({
      'content-type': 'image/png',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, max-age=31536000, immutable',
    })
    expect(Number(shown.headers['content-length'])).toBe(Buffer.from(pixel, 'base64').length)
    const old = await call('GET', `${id}/logo?v=another`)
    expect(old.headers['cache-control']).toBe('no-store')
    expect((await call('DELETE', `${id}/logo`)).status).toBe(204)
    expect(await logoOf(id)).toBeNull()
    expect((await call('DELETE', `${id}/logo`)).status).toBe(204)
    const { entries } = (await ask(app.port, 'GET', `/api/v1/audit?creator_id=${id}`, app.owner))
      .json
    expect(entries.map(({ action }: { action: string }) => action).slice(0, 2)).toEqual([
      'creator.logo_removed',
      'creator.logo_set',
    ])
  })

  /** A PNG of that size, as far as its header says. */
  function sized(width: number, height: number): string {
    const bytes = Buffer.from(pixel, 'base64')
    bytes.writeUInt32BE(width, 16)
    bytes.writeUInt32BE(height, 20)
    return bytes.toString('base64')
  }

  test.each([
    [
      'a picture that is a program',
      Buffer.from('<svg onload="alert(1)"/>').toString('base64'),
      /PNG/,
    ],
    ['a GIF', Buffer.from('GIF89a').toString('base64'), /PNG, JPEG or WebP/],
    [
      'too many bytes',
      Buffer.concat([Buffer.from(pixel, 'base64'), Buffer.alloc(6_000)]).toString('base64'),
      /5000 bytes/,
    ],
    ['too wide', sized(65, 10), /64 pixels/],
    ['no height', sized(10, 0), /64 pixels/],
    ['no base64', '***', /./],
  ])('[WEB-3] %s is refused, and the old one stays', async (_, image, words) => {
    const { id } = await app.newCreator()
    const { json } = await call('POST', `${id}/logo`, { image: pixel })
    const refused = await call('POST', `${id}/logo`, { image })
    expect(refused).toMatchObject({
      status: 400,
      json: {
        error: { details: { fields: [{ path: 'image', message: expect.stringMatching(words) }] } },
      },
    })
    expect(await logoOf(id)).toBe(json.logo)
  })

  test('[WEB-3] it is deleted with its creator', async () => {
    const { id } = await app.newCreator()
    await call('POST', `${id}/logo`, { image: pixel })
    expect((await call('DELETE', `${id}?confirm=${id}`)).status).toBe(204)
    const left = await app.database.query(sql`select 1 from creator_logos where creator_id = ${id}`)
    expect(left).toEqual([])
  })
})
