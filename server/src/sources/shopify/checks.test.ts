import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { ask, startApp, type TestApp } from '../../../test/harness.ts'
import { checkShop } from './checks.ts'
import { signatureOf } from './signature.ts'
import { type AdminStandIn, startAdmin } from './test/admin.ts'
import { topics } from './topics.ts'

type Steps = Record<string, { state: string; text: string; todo: string | null }>

describe.each(databases())('the checklist of a Shopify shop on $name', (backend) => {
  let admin: AdminStandIn
  let app: TestApp
  let creatorId: string
  /** Where it listens, since its address is the public one. */
  let port: number

  beforeAll(async () => {
    port = await freePort()
    admin = await startAdmin(`mira-${backend.name.replaceAll(/[^a-z]/g, '')}.myshopify.com`)
    app = await startApp({
      database: backend,
      env: {
        SHOPIFY_API_URL: admin.url,
        SOURCES_INTERVAL_MS: '100',
        PORT: String(port),
        // An address that nobody answers.
        PUBLIC_URL: 'https://localhost:1',
        TRUSTED_PROXY_HOPS: '0',
      },
    })
  })
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]()
    await admin?.[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    Object.assign(admin.behaviour, {
      scopes: ['read_orders', 'read_fulfillments', 'write_inventory'],
      forbidden: [],
      installed: true,
      paused: false,
      tokenOf: admin.domain,
      status: null,
      throttled: false,
    })
    admin.subscriptions.splice(0)
    creatorId = (await app.newCreator()).id
  })
  afterEach(async () => {
    for (const { id } of await sources()) await call('DELETE', `sources/${id}`)
    expect(admin.complaints).toEqual([])
  })

  const call = (method: string, path: string, body?: object) =>
    ask(
      port,
      method,
      `/api/v1/creators/${creatorId}/${path}`,
      app.owner,
      body && JSON.stringify(body),
    )
  const sources = async () => (await call('GET', 'sources')).json.sources
  async function connect(secrets: object, shop_domain = admin.domain): Promise<string> {
    const { json, text } = await call('POST', 'sources', {
      kind: 'shopify',
      shop_domain,
      ...secrets,
    })
    expect(json.id, text).toBeDefined()
    return json.id
  }
  async function check(id: string): Promise<Steps> {
    const { status, json, text } = await call('POST', `sources/${id}/check`, {})
    expect(status, text).toBe(200)
    for (const secret of [admin.token, admin.app.client_secret, 'granted-']) {
      expect(text).not.toContain(secret)
    }
    return stepsOf(json)
  }
  const stepsOf = ({ checks }: { checks: { steps: { id: string }[] } }): Steps =>
    Object.fromEntries(checks.steps.map(({ id, ...step }) => [id, step])) as never
  const states = (steps: Steps) =>
    Object.fromEntries(Object.entries(steps).map(([id, { state }]) => [id, state]))

  test('[SOURCE-3] with an app, every step is tested, the webhooks are created once, and the results stay on the page', async () => {
    const id = await connect(admin.app)
    expect((await sources())[0].checks).toBeNull()
    const steps = await check(id)
    expect(states(steps)).toEqual({
      shop: 'ok',
      token: 'ok',
      scopes: 'ok',
      webhooks: 'ok',
      reachable: 'failed',
      first: 'waiting',
    })
    expect(steps.reachable?.text).toContain('https://localhost:1')
    const uri = `https://localhost:1/api/v1/webhooks/shopify/${id}`
    expect(admin.subscriptions.map((one) => one.uri)).toEqual(Object.keys(topics).map(() => uri))
    // Nothing is created twice: what is there is found.
    admin.subscriptions.splice(0, 2)
    expect(states(await check(id)).webhooks).toBe('ok')
    expect(admin.subscriptions).toHaveLength(Object.keys(topics).length)
    const [kept] = await sources()
    expect(stepsOf(kept)).toEqual(await check(id))
    expect(Date.parse(kept.checks.at)).toBeGreaterThan(Date.now() - 60_000)
  })

  test('[SOURCE-3] the first order turns the last step, without another check', async () => {
    const id = await connect(admin.app)
    await check(id)
    const body = Buffer.from(
      JSON.stringify({
        id: 9_007_199_254,
        created_at: '2026-06-01T10:00:00Z',
        currency: 'USD',
        line_items: [{ id: 1, quantity: 2, price: '4.50' }],
      }),
    )
    const headers = {
      'content-type': 'application/json',
      'x-shopify-topic': 'orders/create',
      'x-shopify-shop-domain': admin.domain,
      'x-shopify-hmac-sha256': signatureOf(body, admin.app.client_secret),
    }
    const sent = await ask(port, 'POST', `/api/v1/webhooks/shopify/${id}`, headers, body)
    expect(sent.status).toBe(200)
    await expect.poll(async () => states(stepsOf((await sources())[0])).first).toBe('ok')
    expect(states(await check(id))).toMatchObject({ reachable: 'ok', first: 'ok' })
  })

  test('[SOURCE-3] a token from the admin works as well; without either, only what can be known is tested', async () => {
    const id = await connect({ client_secret: 'whsec', access_token: admin.token })
    expect(states(await check(id))).toMatchObject({ shop: 'ok', token: 'ok', webhooks: 'ok' })
    await call('DELETE', `sources/${id}`)
    const alone = await check(await connect({ client_secret: 'whsec' }))
    expect(states(alone)).toMatchObject({
      shop: 'ok',
      token: 'skipped',
      scopes: 'skipped',
      webhooks: 'skipped',
    })
    expect(alone.token?.todo).toContain('Reconnect')
  })

  const unknown = 'nobody-has-this.myshopify.com'
  test.each<[string, Partial<AdminStandIn['behaviour']>, object, string, string, RegExp]>([
    ['an unknown shop', {}, { shop_domain: unknown }, 'shop', 'failed', /no shop nobody-has-this/],
    ['a paused shop', { paused: true }, {}, 'shop', 'failed', /paused/],
    ['an API that fails', { status: 503 }, {}, 'shop', 'failed', /Can’t reach Shopify\. HTTP 503/],
    ['a rate limit', { throttled: true }, {}, 'token', 'failed', /rate limit/],
    ['a wrong secret', {}, { client_secret: 'x' }, 'token', 'failed', /client ID and secret/],
    ['an app not installed', { installed: false }, {}, 'token', 'failed', /not installed/],
    [
      'a wrong token',
      {},
      { access_token: 'shpat-x' },
      'token',
      'failed',
      /refuses the access token/,
    ],
    [
      'a token of another shop',
      { tokenOf: 'b.myshopify.com' },
      {},
      'token',
      'failed',
      /b\.myshopify/,
    ],
    [
      'missing scopes',
      { scopes: ['read_orders'] },
      {},
      'scopes',
      'failed',
      /Missing: read_fulfillments, read_inventory\./,
    ],
    [
      'refused topics',
      { forbidden: ['ORDERS_PAID', 'REFUNDS_CREATE'] },
      {},
      'webhooks',
      'failed',
      /orders\/paid, refunds\/create/,
    ],
  ])(
    '[SOURCE-3] %s has a result of its own, and says what to do',
    async (_, behaviour, entered, step, state, words) => {
      Object.assign(admin.behaviour, behaviour)
      const { shop_domain = admin.domain, ...secrets } = { ...admin.app, ...entered } as Record<
        string,
        string
      >
      const steps = await check(await connect(secrets, shop_domain))
      expect(steps[step]).toMatchObject({ state, text: expect.stringMatching(words) })
      expect(steps[step]?.todo).toMatch(/^[A-Z].*\.$/)
      // What comes after it is not called wrong.
      const order = ['shop', 'token', 'scopes', 'webhooks']
      for (const earlier of order.slice(0, order.indexOf(step))) {
        expect(steps[earlier]?.state, earlier).toBe('ok')
      }
    },
  )
})

describe('whether webhooks can arrive', () => {
  afterEach(() => void vi.unstubAllGlobals())

  async function reachable(publicUrl: string | undefined, reply?: () => Response) {
    const asked: string[] = []
    vi.stubGlobal('fetch', async (url: string | URL) => {
      asked.push(String(url))
      if (!String(url).startsWith(publicUrl ?? '-')) return new Response('', { status: 404 })
      if (reply) return reply()
      throw new TypeError('fetch failed')
    })
    const steps = await checkShop({
      source: { account: 'mira.myshopify.com' } as never,
      secrets: {},
      config: { publicUrl } as never,
      webhookUrl: null,
      received: 0,
      signal: AbortSignal.timeout(5_000),
    })
    return { ...steps.find(({ id }) => id === 'reachable'), asked }
  }
  const refusal = () => Response.json({ error: { code: 'unauthorized' } }, { status: 401 })

  test('[SOURCE-3] without a public https address it says that no orders arrive, and asks nobody', async () => {
    for (const url of [undefined, 'http://localhost:3000']) {
      const { state, text, todo, asked } = await reachable(url)
      expect({ state, text, todo }).toMatchObject({
        state: 'failed',
        text: expect.stringContaining('can’t reach this machine'),
        todo: expect.stringContaining('PUBLIC_URL'),
      })
      expect(asked.filter((one) => !one.includes('myshopify'))).toEqual([])
    }
  })

  test('[SOURCE-3] only an address that leads to this server passes', async () => {
    const at = 'https://live.example.com'
    expect(await reachable(at, refusal)).toMatchObject({ state: 'ok' })
    expect(await reachable(at, () => new Response('hello'))).toMatchObject({ state: 'failed' })
    expect(await reachable(at, () => new Response('', { status: 401 }))).toMatchObject({
      state: 'failed',
    })
    expect(await reachable(at)).toMatchObject({ state: 'failed' })
  })
})

test('[SOURCE-3] the documentation lists the topics that are created', () => {
  const doc = readFileSync('docs/SOURCES.md', 'utf8')
  for (const [topic, name] of Object.entries(topics)) {
    expect(doc, topic).toContain(topic)
    expect(doc, name).toContain(name)
  }
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
