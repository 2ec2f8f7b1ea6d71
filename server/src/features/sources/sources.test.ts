import { randomBytes } from 'node:crypto'
import { sql } from '@creatorflow/db/sql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { ask, type Reply, startApp, type TestApp } from '../../../test/harness.ts'
import { createKeptLog } from '../../../test/kept-log.ts'
import { serverTenant } from '../../core/rights/authorize.ts'
import { createSealer } from '../../core/seal.ts'
import { deleteCreator } from '../../identity/creators/creators.ts'
import { readSecrets } from '../../sources/runtime/store.ts'
import { tiktokShop } from '../../sources/tiktok-shop/index.ts'

const key = randomBytes(32)
const secretOf = (name: string) => `canary-${name}-${randomBytes(8).toString('hex')}`

describe.each(databases())('sources by REST on $name', (backend) => {
  let app: TestApp
  const { log, lines } = createKeptLog()
  beforeAll(async () => {
    app = await startApp({
      database: backend,
      log,
      // Nobody runs them: the status set by these tests stays, and no service is contacted.
      env: {
        SECRET_KEY: key.toString('base64'),
        MAX_SOURCES_PER_CREATOR: '3',
        MAX_HELD_SOURCES: '0',
      },
    })
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  const call = (method: string, path: string, body?: object): Promise<Reply> =>
    ask(
      app.port,
      method,
      `/api/v1/creators/${path}`,
      app.owner,
      body === undefined ? undefined : JSON.stringify(body),
    )
  const audit = async (id: string) =>
    (await ask(app.port, 'GET', `/api/v1/audit?creator_id=${id}`, app.owner)).json.entries

  test('[SOURCE-3] a source is added, listed, renamed, turned off and on, retried and removed', async () => {
    const { id } = await app.newCreator()
    const added = await call('POST', `${id}/sources`, {
      kind: 'tiktok_live',
      handle: ' @Mira.Live ',
    })
    expect(added).toMatchObject({
      status: 201,
      json: {
        kind: 'tiktok_live',
        account: 'mira.live',
        name: '@mira.live',
        enabled: true,
        webhook_path: null,
        problem: null,
      },
    })
    const path = `${id}/sources/${added.json.id}`
    expect((await call('GET', `${id}/sources`)).json.sources).toMatchObject([{ id: added.json.id }])
    const off = await call('PATCH', path, { name: 'Evening', enabled: false })
    expect(off).toMatchObject({ status: 200, json: { name: 'Evening', state: 'off' } })
    expect(await call('POST', `${path}/retry`, {})).toMatchObject({ json: { state: 'off' } })
    const on = await call('PATCH', path, { enabled: true })
    expect(on).toMatchObject({ json: { name: 'Evening', state: 'starting' } })
    expect(await call('DELETE', path)).toMatchObject({ status: 204 })
    expect(await call('DELETE', path)).toMatchObject({ status: 404 })
    expect(await call('PATCH', path, { enabled: true })).toMatchObject({ status: 404 })
    expect(await call('POST', `${path}/retry`, {})).toMatchObject({ status: 404 })
    expect((await call('GET', `${id}/sources`)).json.sources).toEqual([])
    expect(await audit(id)).toMatchObject([
      { action: 'source.removed', details: { name: 'Evening' } },
      { action: 'source.changed', details: { enabled: true } },
      { action: 'source.changed', details: { renamed_to: 'Evening', enabled: false } },
      { action: 'source.added', details: { name: '@mira.live', kind: 'tiktok_live' } },
    ])
  })

  test('[SOURCE-3] an account is connected once, a shop once overall, and too many are refused', async () => {
    const { id } = await app.newCreator()
    const other = await app.newCreator()
    const live = { kind: 'tiktok_live', handle: '@anna' }
    const shop = { kind: 'shopify', shop_domain: 'Anna-1.myshopify.com', client_secret: 'sssh' }
    expect(await call('POST', `${id}/sources`, live)).toMatchObject({ status: 201 })
    expect(await call('POST', `${id}/sources`, live)).toMatchObject({
      status: 409,
      json: { error: { code: 'conflict', message: '@anna is connected already.' } },
    })
    expect(await call('POST', `${other.id}/sources`, live)).toMatchObject({ status: 201 })
    const added = await call('POST', `${id}/sources`, shop)
    expect(added).toMatchObject({
      status: 201,
      json: { webhook_path: `/api/v1/webhooks/shopify/${added.json.id}` },
    })
    expect(await call('POST', `${other.id}/sources`, shop)).toMatchObject({ status: 409 })
    await call('POST', `${id}/sources`, { kind: 'tiktok_live', handle: 'third' })
    expect(
      await call('POST', `${id}/sources`, { kind: 'tiktok_live', handle: 'fourth' }),
    ).toMatchObject({ status: 429, json: { error: { code: 'too_many' } } })
    expect(await call('POST', 'nobody/sources', live)).toMatchObject({ status: 404 })
  })

  test('[SOURCE-3] an invalid new source is reported by field', async () => {
    const { id } = await app.newCreator()
    const wrong = async (body: object) => {
      const reply = await call('POST', `${id}/sources`, body)
      expect(reply.status).toBe(400)
      return reply.json.error.details.fields.map(({ path }: { path: string }) => path)
    }
    expect(await wrong({ kind: 'tiktok_live', handle: 'two words' })).toEqual(['handle'])
    expect(await wrong({ kind: 'tiktok_shop', shop_id: 'x', app_key: 'k' })).toEqual([
      'shop_id',
      'app_secret',
    ])
    expect(await wrong({ kind: 'shopify', shop_domain: 'evil.com', client_secret: ' ' })).toEqual([
      'shop_domain',
      'client_secret',
    ])
  })

  test('[ACCESS-13] secrets are encrypted, replaced one by one, and in no answer, log line or metric', async () => {
    const { id } = await app.newCreator()
    const secrets = Object.fromEntries(
      Object.entries(tiktokShop.fields).flatMap(([name, { secret }]) =>
        secret
          ? [
              [
                name,
                name === 'authorization_link'
                  ? `https://a.example/${secretOf(name)}`
                  : secretOf(name),
              ],
            ]
          : [],
      ),
    )
    const replies: Reply[] = []
    const told = async (...args: Parameters<typeof call>) => {
      replies.push(await call(...args))
      return replies.at(-1) as Reply
    }
    const added = await told('POST', `${id}/sources`, {
      kind: 'tiktok_shop',
      shop_id: '7495',
      ...secrets,
    })
    expect(added.status).toBe(201)
    const path = `${id}/sources/${added.json.id}`
    const token = secretOf('new')
    await told('PATCH', path, { secrets: { access_token: token } })
    const sealer = createSealer({ secretKey: key, dataDir: '/nowhere' })
    expect(await readSecrets(app.database, sealer, added.json.id)).toEqual({
      ...secrets,
      access_token: token,
    })
    const strange = await told('PATCH', path, { secrets: { client_secret: token } })
    expect(strange).toMatchObject({
      status: 400,
      json: { error: { details: { fields: [{ path: 'secrets.client_secret' }] } } },
    })
    await told('PATCH', path, { secrets: { access_token: [token] } })
    await told('POST', `${id}/sources`, { kind: 'tiktok_shop', shop_id: '7495', ...secrets })
    await told('GET', `${id}/sources`)
    await told('POST', `${path}/retry`, {})
    replies.push(await ask(app.port, 'GET', '/metrics'))
    replies.push(await ask(app.port, 'GET', `/api/v1/audit?creator_id=${id}`, app.owner))
    const texts = [...lines, ...replies.map(({ text }) => text)]
    for (const secret of [token, ...Object.values(secrets)]) {
      expect(texts.filter((text) => text.includes(secret))).toEqual([])
    }
    expect(await audit(id)).toMatchObject([
      { action: 'source.changed', details: { secrets: ['access_token'] } },
      { action: 'source.added' },
    ])
    expect(lines.length).toBeGreaterThan(5)
  })

  test('[SOURCE-1] source status is in /metrics, with closed lists of labels', async () => {
    const { id } = await app.newCreator()
    await app.database.query(sql`
      insert into sources (creator_id, kind, account, name, state, lag_ms, seen_at, created_at)
      values (${id}, 'tiktok_live', 'm1', 'M', 'needs_you', 7000, null, now() - interval '1 hour')`)
    const text = async () => (await ask(app.port, 'GET', '/metrics')).text
    await expect
      .poll(text, { timeout: 15_000 })
      .toContain('creatorflow_sources{kind="tiktok_live",state="needs_you"} 1')
    expect(await text()).toContain('creatorflow_source_lag_seconds{kind="tiktok_live"} 7')
    expect(await text()).toMatch(/creatorflow_sources_unheld\{kind="tiktok_live"\} [1-9]/)
    expect(await text()).not.toContain('m1')
  })

  test('[SOURCE-4] the page learns the kinds from the server, and unknown kinds are refused', async () => {
    const { id } = await app.newCreator()
    const { status, json } = await ask(app.port, 'GET', '/api/v1/source-kinds', app.owner)
    expect(status).toBe(200)
    expect(json.kinds.map(({ kind }: { kind: string }) => kind)).toEqual([
      'tiktok_live',
      'tiktok_shop',
      'shopify',
    ])
    expect(json.kinds[0].fields).toMatchObject([{ name: 'handle', secret: false, optional: false }])
    expect(await call('POST', `${id}/sources`, { kind: 'etsy', shop: 'x' })).toMatchObject({
      status: 400,
      json: {
        error: {
          details: { fields: [{ path: 'kind', message: expect.stringContaining('shopify') }] },
        },
      },
    })
  })

  test('[SOURCE-3] a source of a kind only another release knows is listed, turned off and removed', async () => {
    const { id } = await app.newCreator()
    const [row] = await app.database.query<{ id: string }>(sql`
      insert into sources (creator_id, kind, account, name) values (${id}, 'etsy', 'mira', 'Etsy shop')
      returning id::text as id`)
    const path = `${id}/sources/${row?.id}`
    await app.database.query(sql`
      insert into dead_letters (creator_id, source, source_id, key, reason, raw)
      values (${id}, 'etsy', ${row?.id}::uuid, '1', 'odd', '\\x00'::bytea)`)
    expect((await call('GET', `${id}/sources`)).json.sources).toMatchObject([
      { kind: 'etsy', held: false, webhook_path: null },
    ])
    expect((await call('GET', `${id}/dead-letters?source=etsy`)).json.letters).toMatchObject([
      { source: 'etsy', kind_name: 'etsy', source_name: 'Etsy shop' },
    ])
    expect((await call('GET', `${id}/dead-letters?source=etsi`)).json.error).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('inside, tiktok_live'),
    })
    const replayed = await call('POST', `${id}/dead-letters/replay`, { source: 'etsy' })
    expect(replayed.json).toMatchObject({ replayed: 0, failed: 1 })
    expect((await call('GET', `${id}/import-rules`)).json.shops).toEqual([])
    const secrets = { token: 'x' }
    expect(await call('PATCH', path, { secrets })).toMatchObject({ status: 400 })
    expect(await call('POST', `${path}/authorize`, {})).toMatchObject({ status: 400 })
    expect(await call('PATCH', path, { enabled: false })).toMatchObject({ json: { state: 'off' } })
    expect(await call('DELETE', path)).toMatchObject({ status: 204 })
  })

  test('[SOURCE-3] deleting a creator deletes everything of its sources', async () => {
    const { id } = await app.newCreator()
    const shop = { kind: 'shopify', shop_domain: 'gone.myshopify.com', client_secret: 'sssh' }
    const { json } = await call('POST', `${id}/sources`, shop)
    await app.database.query(sql`
      insert into deliveries (source_id, creator_id, delivery_id, topic, body)
      values (${json.id}::uuid, ${id}, '1', 't', '\\x00'::bytea)`)
    await app.database.query(sql`
      insert into dead_letters (creator_id, source, source_id, key, reason, raw)
      values (${id}, 'shopify', ${json.id}::uuid, '1', 'odd', '\\x00'::bytea)`)
    await deleteCreator(app.database, serverTenant(id))
    const left = await app.database.query<{ n: number }>(sql`
      select (select count(*) from sources where creator_id = ${id})::int
        + (select count(*) from deliveries where creator_id = ${id})::int
        + (select count(*) from dead_letters where creator_id = ${id})::int
        + (select count(*) from source_secrets where source_id = ${json.id}::uuid)::int as n`)
    expect(left).toEqual([{ n: 0 }])
  })
})
