import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { createSealer } from '../../src/core/seal.ts'
import { readSecrets } from '../../src/sources/runtime/store.ts'
import { ask, type Reply, startApp, type TestApp } from '../harness.ts'
import { newUser, type TestUser } from '../people.ts'
import { connectShop, deliver, delivery, envFor, reconnect, secretKey } from './connected.ts'
import { type StandIn, startStandIn } from './stand-in.ts'

const sealer = createSealer({ secretKey: Buffer.from(secretKey, 'base64'), dataDir: '/nowhere' })
/** No two tests share one: a shop is connected once. */
let shopNumber = 7_490_000_000_000_000_100n

describe.each(databases())(
  'connecting a TikTok Shop by its authorization link on $name',
  (backend) => {
    let app: TestApp
    let shop: StandIn
    let user: TestUser
    let creatorId: string

    beforeAll(async () => {
      shop = await startStandIn()
      app = await startApp({
        database: backend,
        // On a loopback address everyone here would be the local owner.
        env: {
          ...envFor(shop),
          HOST: '0.0.0.0',
          TIKTOK_SHOP_APP_KEY: shop.keys.app_key,
          TIKTOK_SHOP_APP_SECRET: shop.keys.app_secret,
        },
      })
      shop.redirectUrl = `${app.url}/api/v1/sources/tiktok-shop/authorized`
    })
    afterAll(async () => {
      await app?.[Symbol.asyncDispose]()
      await shop?.[Symbol.asyncDispose]()
    })
    beforeEach(async () => {
      shop.behaviour.seller = 'agrees'
      shop.shops.splice(0, shop.shops.length, newShop('Mira’s Vintage'))
      creatorId = (await app.newCreator()).id
      user = await newUser(app.database, { roles: [{ creatorId, role: 'owner' }] })
    })

    const newShop = (name: string, cipher = shop.keys.shop_cipher) => ({
      id: String(shopNumber++),
      cipher,
      name,
      region: 'US',
    })
    const idOf = (at: number) => shop.shops[at]?.id ?? ''
    const call = (method: string, path: string, body?: object, cookie = user.cookie) =>
      ask(
        app.port,
        method,
        `/api/v1/creators/${creatorId}/${path}`,
        { cookie, 'content-type': 'application/json', origin: app.url },
        body && JSON.stringify(body),
      )
    const sources = async () => (await call('GET', 'sources')).json.sources

    /** Presses the button, and follows to where TikTok sends the browser back to. */
    async function visit(secrets?: object) {
      const begun = await call('POST', 'sources/connect', {
        kind: 'tiktok_shop',
        ...(secrets && { secrets }),
      })
      expect(begun.status, begun.text).toBe(200)
      const { headers } = await fetch(begun.json.url, { redirect: 'manual' })
      return { back: new URL(headers.get('location') ?? ''), kept: cookiesOf(begun)[0] ?? '' }
    }

    async function comeBack(back: URL, ...cookies: string[]) {
      const reply = await ask(app.port, 'GET', back.pathname + back.search, {
        cookie: cookies.join('; '),
        'sec-fetch-site': 'cross-site',
      })
      expect(reply.status).toBe(302)
      const page = new URL(reply.headers.location ?? '', app.url)
      return { outcome: page.searchParams.get('authorized'), page, cookies: cookiesOf(reply) }
    }

    test('[SOURCE-5] one button: the seller agrees, and the shop is there and receives, without anything entered', async () => {
      const { back, kept } = await visit()
      const { outcome, page } = await comeBack(back, user.cookie, kept)
      expect(outcome).toBe('connected')
      expect(page.searchParams.get('creator')).toBe(creatorId)
      const [source] = await sources()
      expect(source).toMatchObject({
        kind: 'tiktok_shop',
        account: idOf(0),
        name: 'Mira’s Vintage',
        settings: { region: 'US' },
      })
      await expect.poll(async () => (await sources())[0].state).toBe('receiving')
      const secrets = await readSecrets(app.database, sealer, source.id)
      expect(secrets).toMatchObject({
        access_token: shop.tokens.access,
        refresh_token: shop.tokens.refresh,
        shop_cipher: shop.keys.shop_cipher,
      })
      // The server's app stays in its configuration, and still verifies the source's deliveries.
      expect(secrets).toMatchObject({ app_key: '', app_secret: '' })
      const body = delivery(idOf(0), 1, { order_id: '1', order_status: 'UNPAID', update_time: 1 })
      expect((await deliver(app.port, source.id, body, shop.keys)).status).toBe(200)
      const forged = { ...shop.keys, app_secret: 'another' }
      expect((await deliver(app.port, source.id, body, forged)).status).toBe(401)
      expect(shop.complaints).toEqual([])
    })

    test('[SOURCE-5] of several shops the person chooses one, in the same browser and minutes later', async () => {
      shop.shops.push(newShop('Mira’s Outlet', 'another-cipher'))
      const { back, kept } = await visit()
      const { outcome, cookies } = await comeBack(back, user.cookie, kept)
      expect(outcome).toBe('choose')
      expect(await sources()).toEqual([])
      const choice = cookies.find((one) => one.startsWith('cf_choose=')) ?? ''
      expect(choice).not.toContain(shop.tokens.access)
      const held = `${user.cookie}; ${choice}`
      const listed = await call('GET', 'sources/authorized', undefined, held)
      expect(listed.json).toEqual({
        kind: 'tiktok_shop',
        accounts: [
          { account: idOf(0), name: 'Mira’s Vintage', region: 'US' },
          { account: idOf(1), name: 'Mira’s Outlet', region: 'US' },
        ],
      })
      const choose = (account: string, cookie = held) =>
        call('POST', 'sources/authorized', { account }, cookie)
      expect((await choose('123')).status).toBe(400)
      // Another browser has nothing to choose, nor has another person with this cookie.
      expect((await choose(idOf(1), user.cookie)).status).toBe(404)
      const other = await newUser(app.database, { roles: [{ creatorId, role: 'owner' }] })
      expect((await choose(idOf(1), `${other.cookie}; ${choice}`)).status).toBe(404)
      expect((await choose(idOf(1), `${user.cookie}; ${choice.slice(0, -3)}AAA`)).status).toBe(404)
      const chosen = await choose(idOf(1))
      expect(chosen).toMatchObject({
        status: 201,
        json: { account: idOf(1), name: 'Mira’s Outlet' },
      })
      expect(chosen.headers['set-cookie']?.[0]).toMatch(/^cf_choose=; .*Max-Age=0/)
      expect(await readSecrets(app.database, sealer, chosen.json.id)).toMatchObject({
        shop_cipher: 'another-cipher',
      })
    })

    test('[SOURCE-5] an app of one’s own is entered before the visit, kept encrypted, and used from then on', async () => {
      const { app_key, app_secret } = shop.keys
      const wrong = await call('POST', 'sources/connect', {
        kind: 'tiktok_shop',
        secrets: { client_secret: 'x' },
      })
      expect(wrong).toMatchObject({ status: 400 })
      const { back, kept } = await visit({ app_key, app_secret })
      for (const text of [back.href, kept]) expect(text).not.toContain(app_secret)
      expect((await comeBack(back, user.cookie, kept)).outcome).toBe('connected')
      const [{ id }] = await sources()
      expect(await readSecrets(app.database, sealer, id)).toMatchObject({ app_key, app_secret })
      const refused = await visit({ app_key, app_secret: 'not the secret' })
      expect((await comeBack(refused.back, user.cookie, refused.kept)).outcome).toBe('refused')
    })

    test('[SOURCE-5] a shop connected the old way keeps working, and a visit gives it new tokens', async () => {
      const id = await connectShop(app.database, creatorId, shop, { ...shop.keys }, idOf(0))
      await expect.poll(async () => (await sources())[0].problem).toBe('reconnect')
      await reconnect(app.database, creatorId, id, {
        access_token: shop.tokens.access,
        refresh_token: shop.tokens.refresh,
      })
      await expect.poll(async () => (await sources())[0].state).toBe('receiving')
      shop.withdraw()
      const { back, kept } = await visit()
      expect((await comeBack(back, user.cookie, kept)).outcome).toBe('connected')
      const [source, ...others] = await sources()
      expect(others).toEqual([])
      expect(source.id).toBe(id)
      await expect.poll(async () => (await sources())[0].state).toBe('receiving')
      // Its own button authorizes the same shop again, and no other.
      const again = await call('POST', `sources/${id}/authorize`, {})
      const to = await fetch(again.json.url, { redirect: 'manual' })
      const url = new URL(to.headers.get('location') ?? '')
      expect((await comeBack(url, user.cookie, cookiesOf(again)[0] ?? '')).outcome).toBe('done')
      shop.shops.splice(0, 1, newShop('Somebody’s'))
      const foreign = await call('POST', `sources/${id}/authorize`, {})
      const there = await fetch(foreign.json.url, { redirect: 'manual' })
      const other = new URL(there.headers.get('location') ?? '')
      expect((await comeBack(other, user.cookie, cookiesOf(foreign)[0] ?? '')).outcome).toBe(
        'other_account',
      )
    })

    test('[SOURCE-5] whoever refuses, leaves, has no shop, another’s shop, or a used or strange state gets no source', async () => {
      const outcomeOf = async () => {
        const { back, kept } = await visit()
        return (await comeBack(back, user.cookie, kept)).outcome
      }
      shop.behaviour.seller = 'refuses'
      expect(await outcomeOf()).toBe('denied')
      shop.behaviour.seller = 'leaves'
      expect(await outcomeOf()).toBe('denied')
      shop.behaviour.seller = 'agrees'
      const listed = shop.shops.splice(0)
      expect(await outcomeOf()).toBe('no_account')
      shop.shops.push(...listed)

      const { back, kept } = await visit()
      expect((await comeBack(back, user.cookie)).outcome).toBe('not_yours')
      const stranger = await newUser(app.database, { roles: [{ creatorId, role: 'owner' }] })
      expect((await comeBack(back, stranger.cookie, kept)).outcome).toBe('not_yours')
      const strange = new URL(back)
      strange.searchParams.set('state', `${back.searchParams.get('state')}A`)
      expect((await comeBack(strange, user.cookie, kept)).outcome).toBe('not_yours')
      const made = new URL(back)
      made.searchParams.set('code', 'made-up')
      expect((await comeBack(made, user.cookie, kept)).outcome).toBe('refused')
      expect(await sources()).toEqual([])
      // The real code was used up by none of it.
      expect((await comeBack(back, user.cookie, kept)).outcome).toBe('connected')
      expect((await comeBack(back, user.cookie, kept)).outcome).toBe('refused')

      const mine = creatorId
      creatorId = (await app.newCreator()).id
      user = await newUser(app.database, { roles: [{ creatorId, role: 'owner' }] })
      expect(await outcomeOf()).toBe('taken')
      expect(await sources()).toEqual([])
      expect(creatorId).not.toBe(mine)
    })

    test('[SOURCE-5] a token service that hangs or fails is reported as unreachable', {
      timeout: 40_000,
    }, async () => {
      const { back, kept } = await visit()
      shop.behaviour.hangs = true
      const { outcome } = await comeBack(back, user.cookie, kept)
      shop.behaviour.hangs = false
      expect(outcome).toBe('unreachable')
      expect(await sources()).toEqual([])
    })
  },
)

test('[SOURCE-5] without an app of the server, the page is told so, and one’s own is asked for', async () => {
  await using app = await startApp({ env: { MAX_HELD_SOURCES: '0' } })
  const { id } = await app.newCreator()
  const { json } = await app.get('/api/v1/source-kinds')
  const kind = json.kinds.find((one: { kind: string }) => one.kind === 'tiktok_shop')
  expect(kind.connect).toMatchObject({ ready: false, action: 'Connect TikTok Shop' })
  expect(kind.console.redirect_path).toBe('/api/v1/sources/tiktok-shop/authorized')
  const asked = kind.fields.filter(({ form }: { form: string }) => form !== 'none')
  expect(asked.map(({ name }: { name: string }) => name)).toEqual([
    'app_key',
    'app_secret',
    'authorization_link',
  ])
  const post = (body: object) =>
    ask(app.port, 'POST', `/api/v1/creators/${id}/sources/connect`, app.owner, JSON.stringify(body))
  expect(await post({ kind: 'tiktok_shop' })).toMatchObject({
    status: 409,
    json: { error: { message: expect.stringContaining('your own') } },
  })
  const link = 'https://services.us.tiktokshop.com/open/authorize?service_id=1'
  const secrets = { app_key: 'k', app_secret: 's', authorization_link: link }
  const begun = await post({ kind: 'tiktok_shop', secrets })
  expect(begun.json.url).toMatch(
    /^https:\/\/services\.us\.tiktokshop\.com\/open\/authorize\?service_id=1&state=[\w-]+$/,
  )
  expect(await post({ kind: 'shopify' })).toMatchObject({ status: 400 })
})

/** The cookies an answer sets, without their attributes. */
function cookiesOf({ headers }: Reply): string[] {
  return (headers['set-cookie'] ?? []).map((one) => one.split(';')[0] ?? '')
}
