import { randomUUID } from 'node:crypto'
import { sql } from '@creatorflow/db/sql'
import type { SourcesHeard } from '@creatorflow/shared/socket'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { databases } from '../../../../../scripts/test/backends.ts'
import { ask, type Reply, startApp, type TestApp } from '../../../../test/harness.ts'
import { createKeptLog } from '../../../../test/kept-log.ts'
import { answerOf, connect } from '../../../../test/live-client.ts'
import { loadConfig } from '../../../config.ts'
import { createSealer } from '../../../core/seal.ts'
import { sourceDefinitions } from '../../index.ts'
import { readSecrets } from '../../runtime/store.ts'
import { signatureOf, toyMarket } from './index.ts'
import { type Market, startMarket } from './market.ts'

const NOON = Date.UTC(2026, 9, 20, 12)
const sealer = createSealer({ secretKey: Buffer.alloc(32, 1), dataDir: '/nowhere' })

test('[SOURCE-4] its settings are read with the others, and errors name them', () => {
  const env = { TOY_MARKET_URL: 'toys' }
  expect(() => loadConfig(env, [toyMarket])).toThrow('TOY_MARKET_URL')
  expect(() => loadConfig(env)).not.toThrow()
})

describe.each(databases())('a kind of source that is one folder, on $name', (backend) => {
  let app: TestApp
  let market: Market
  const { log, lines } = createKeptLog()
  const answers: string[] = []
  beforeAll(async () => {
    market = await startMarket()
    app = await startApp({
      database: backend,
      sources: [...sourceDefinitions, toyMarket],
      log,
      env: { SOURCES_INTERVAL_MS: '100', TOY_MARKET_URL: market.url },
    })
  })
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]()
    await market?.[Symbol.asyncDispose]()
  })

  const call = async (method: string, path: string, body?: object): Promise<Reply> => {
    const text = body && JSON.stringify(body)
    const reply = await ask(app.port, method, `/api/v1/${path}`, app.owner, text)
    answers.push(reply.text)
    return reply
  }
  const secretOfStall = () => `canary-${randomUUID()}`
  const stallName = () =>
    randomUUID()
      .replaceAll(/[^a-z]/g, '')
      .padEnd(4, 'toys')
      .slice(0, 20)

  async function addStall(secret = secretOfStall(), stall = stallName()) {
    const { id } = await app.newCreator()
    const body = { kind: 'toy_market', stall, signing_secret: secret, region: 'south' }
    const { status, json } = await call('POST', `creators/${id}/sources`, body)
    expect(status).toBe(201)
    return { id, stall, secret, source: json, path: `creators/${id}/sources/${json.id}` }
  }
  type Stall = Awaited<ReturnType<typeof addStall>>

  const deliver = (
    { source, secret }: Stall,
    topic: string,
    body: unknown,
    key: string = randomUUID(),
  ) => {
    const bytes = Buffer.from(JSON.stringify(body))
    const headers = {
      'x-toy-signature': signatureOf(bytes, secret),
      'x-toy-topic': topic,
      'x-toy-id': key,
    }
    return ask(app.port, 'POST', source.webhook_path, headers, bytes)
  }
  const order = (id: string, buyer = 'ben') => ({
    id,
    buyer,
    toy: 'bear',
    price: 1_500,
    paid_at: NOON,
  })
  const shown = async ({ id }: Stall) =>
    (await call('GET', `creators/${id}/sources`)).json.sources[0]

  test('[SOURCE-4] the page learns what to ask for, and entries are checked by it', async () => {
    const { kinds } = (await call('GET', 'source-kinds')).json
    expect(kinds.at(-1)).toMatchObject({
      kind: 'toy_market',
      name: 'Toy Market',
      account_prefix: '#',
      fields: [
        { name: 'stall', label: 'Stall', secret: false, optional: false },
        { name: 'region', secret: false, optional: true },
        { name: 'signing_secret', secret: true, optional: false },
      ],
      problems: { market_closed: { text: 'The market is closed.' } },
      authorize: 'Authorize on Toy Market',
      provides: 'orders',
      checked_every_s: null,
    })
    const { id } = await app.newCreator()
    const wrong = { kind: 'toy_market', stall: '7', region: 'west' }
    const { status, json } = await call('POST', `creators/${id}/sources`, wrong)
    expect(status).toBe(400)
    expect(json.error.details.fields).toMatchObject([
      { path: 'stall', message: 'must be letters only' },
      { path: 'region', message: 'must be north or south' },
      { path: 'signing_secret' },
    ])
  })

  test('[SOURCE-4] it is connected once, fed by its webhook, counted once, and disconnected', async () => {
    const stall = await addStall()
    expect(stall.source).toMatchObject({
      kind: 'toy_market',
      account: stall.stall,
      name: `Stall ${stall.stall}`,
      settings: { region: 'south' },
      webhook_path: `/api/v1/webhooks/toy-market/${stall.source.id}`,
    })
    const again = { kind: 'toy_market', stall: stall.stall, signing_secret: 'x' }
    const other = await app.newCreator()
    expect((await call('POST', `creators/${other.id}/sources`, again)).json.error.message).toBe(
      `The stall #${stall.stall} is already connected. Each stall can be connected once.`,
    )
    expect(await deliver({ ...stall, secret: 'wrong' }, 'order', order('1'))).toMatchObject({
      status: 401,
    })
    for (const id of ['1', '1', '2']) {
      expect(await deliver(stall, 'order', order(id), id)).toMatchObject({ status: 200, text: '' })
    }
    expect(await deliver(stall, 'parade', {})).toMatchObject({ status: 200 })
    await expect
      .poll(() => shown(stall))
      .toMatchObject({ events: 4, messages: 3, unknown: { parade: 1 } })
    const money = await app.database.query(sql`
      select sum(amount)::bigint as amount, min(channel) as channel from events
      where creator_id = ${stall.id} and type = 'payment_completed'`)
    expect(money).toEqual([{ amount: 3_000, channel: 'toys' }])
    const rules = (await call('GET', `creators/${stall.id}/import-rules`)).json.shops
    expect(rules).toMatchObject([{ kind_name: 'Toy Market', account: stall.stall }])

    expect(await call('DELETE', stall.path)).toMatchObject({ status: 204 })
    expect(await call('GET', `creators/${stall.id}/sources`)).toMatchObject({
      json: { sources: [] },
    })
    expect((await deliver(stall, 'order', order('3'))).status).toBeOneOf([200, 401])
    // Once it is no longer remembered that it was there.
    await expect.poll(async () => (await deliver(stall, 'order', order('3'))).status).toBe(401)
    expect((await call('POST', `creators/${other.id}/sources`, again)).status).toBe(201)
  })

  test('[SOURCE-4] an unreadable message becomes a dead letter, and its own normalizer replays it', async () => {
    const stall = await addStall()
    await deliver(stall, 'order', { id: '9', odd: true }, 'odd')
    const letters = async () =>
      (await call('GET', `creators/${stall.id}/dead-letters?source=toy_market`)).json.letters
    await expect.poll(letters).toMatchObject([
      {
        key: 'odd',
        kind_name: 'Toy Market',
        topic: 'order',
        reason: 'This is no order of a toy.',
      },
    ])
    const replay = async () =>
      (await call('POST', `creators/${stall.id}/dead-letters/replay`, { source: 'toy_market' }))
        .json
    expect(await replay()).toMatchObject({ replayed: 0, failed: 1 })
    // As after a fix: what is kept is what the market meant.
    await app.database.query(sql`
      update dead_letters set raw = ${Buffer.from(JSON.stringify(order('9')))}
      where creator_id = ${stall.id}`)
    expect(await replay()).toMatchObject({ replayed: 1, failed: 0 })
    const [row] = await app.database.query<{ n: number }>(
      sql`select count(*)::int as n from events where creator_id = ${stall.id}`,
    )
    expect(row?.n).toBe(2)
  })

  test('[SOURCE-4][SOURCE-6] its health is on the page, on screens and in /metrics, with its own problems', async () => {
    const stall = await addStall()
    await expect
      .poll(() => shown(stall))
      .toMatchObject({
        held: true,
        state: 'needs_you',
        problem: 'reconnect',
        problem_detail: 'Nobody authorized this server yet.',
      })
    await deliver(stall, 'closed', {})
    await expect
      .poll(() => shown(stall))
      .toMatchObject({ state: 'retrying', problem: 'market_closed' })
    const metrics = async () => (await ask(app.port, 'GET', '/metrics')).text
    await expect
      .poll(metrics)
      .toMatch(/creatorflow_sources\{kind="toy_market",state="retrying"\} [1-9]/)

    const screen = await connect(app, app.masterKey)
    onTestFinished(() => screen[Symbol.asyncDispose]())
    const heard: SourcesHeard[] = []
    screen.socket.on('sources', (message) => heard.push(message))
    answerOf(await screen.watch({ creator_id: stall.id }))
    await expect
      .poll(() => heard.at(-1)?.sources)
      .toMatchObject([
        {
          kind_name: 'Toy Market',
          problem: 'market_closed',
          brings: expect.arrayContaining(['payment_completed']),
        },
      ])
  })

  test('[ACCESS-13][SOURCE-4] its secrets are encrypted, replaced by name, and in no answer or log line', async () => {
    const stall = await addStall()
    const next = secretOfStall()
    const change = (secrets: object) => call('PATCH', stall.path, { secrets })
    expect(await change({ signing_secret: next })).toMatchObject({ status: 200 })
    // What is no secret of it cannot become one.
    for (const name of ['region', 'stall', 'client_secret']) {
      expect(await change({ [name]: 'x' }), name).toMatchObject({ status: 400 })
    }
    expect(await readSecrets(app.database, sealer, stall.source.id)).toEqual({
      signing_secret: next,
    })
    expect((await deliver({ ...stall, secret: next }, 'order', order('1'))).status).toBeOneOf([
      200, 401,
    ])
    await call('GET', `creators/${stall.id}/sources`)
    await call('GET', `audit?creator_id=${stall.id}`)
    for (const secret of [stall.secret, next]) {
      expect([...lines, ...answers].filter((text) => text.includes(secret))).toEqual([])
    }
    expect(answers.join()).toContain('signing_secret')
  })

  test('[SOURCE-4][PRIVACY-1] an erased person is in nothing it delivered, and was in the export before', async () => {
    const stall = await addStall()
    await deliver(stall, 'order', order('1', 'quilla-77'))
    await deliver(stall, 'order', { buyer: 'quilla-77' }, 'odd')
    const letters = async () =>
      (await call('GET', `creators/${stall.id}/dead-letters?state=all`)).json.letters.length
    await expect.poll(letters).toBe(1)
    await expect.poll(() => shown(stall)).toMatchObject({ events: 2 })
    const file = (await call('GET', `creators/${stall.id}/people/quilla-77`)).text
    expect(file).toContain('toy_market:1:created')
    expect(await call('DELETE', `creators/${stall.id}/people/quilla-77`)).toMatchObject({
      json: { events: 2, messages: 1 },
    })
    expect(await letters()).toBe(0)
    const left = await app.database.query(sql`
      select 1 from events where creator_id = ${stall.id}
        and (customer_id = 'quilla-77' or order_id = '1' or id like 'toy_market:1:%')`)
    expect(left).toEqual([])
  })
})
